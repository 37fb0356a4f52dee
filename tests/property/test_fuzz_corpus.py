"""The fuzz targets on their corpora: as many inputs as are worth keeping, without atheris."""

from __future__ import annotations

from pathlib import Path

import pytest

from fuzz import fuzz_frames, fuzz_paths, fuzz_protocol, fuzz_records, make_corpus, run
from zkwire._proto._framing import FrameDecoder

TARGETS = {
    "frames": fuzz_frames,
    "records": fuzz_records,
    "protocol": fuzz_protocol,
    "paths": fuzz_paths,
}
CORPUS = Path(make_corpus.__file__).parent / "corpus"


def test_every_target_is_run():
    assert sorted(TARGETS) == sorted(run.TARGETS)
    assert sorted(TARGETS) == sorted(folder.name for folder in CORPUS.iterdir())


@pytest.mark.parametrize("target", TARGETS)
def test_no_input_breaks_the_invariant(target):
    inputs = sorted((CORPUS / target).iterdir())
    assert len(inputs) >= 30
    for file in inputs:
        TARGETS[target].check(file.read_bytes())


@pytest.mark.parametrize("target", TARGETS)
def test_the_corpus_is_what_the_script_makes(target):
    made = set(getattr(make_corpus, target)())
    assert made == {file.read_bytes() for file in (CORPUS / target).iterdir()}


def test_a_broken_invariant_is_noticed(monkeypatch):
    class Greedy(FrameDecoder):
        def feed(self, data):
            yield from list(super().feed(data))[:1]  # loses frames

    monkeypatch.setattr(fuzz_frames, "FrameDecoder", Greedy)
    with pytest.raises(AssertionError):
        fuzz_frames.check(b"\x05\x00\x00" + bytes(8))


def test_a_fault_is_reported_with_its_input(capsys):
    result = run.Result("frames", 10, 1.0, 57, "a traceback\n", b"\x05\xff", is_good=False)
    run.report(result)
    shown = capsys.readouterr().out
    assert "FAULT" in shown
    assert "a traceback" in shown
    assert "run.py --target frames --input '05ff'" in shown
