"""A run: what fails is told of and does not stop the others, and the files are whole."""

from __future__ import annotations

import json

import bench.__main__ as program
import pytest
from bench.harness.outcome import Outcome, judge
from bench.harness.plan import Plan
from bench.harness.results import write_result
from bench.harness.session import Session
from bench.harness.subjects import SUBJECTS

KEYS = {
    "subject", "title", "form", "time", "commit", "machine", "versions", "server", "load",
    "seconds", "tables", "goals", "notes", "missing", "samples",
}  # fmt: skip


class Planted:
    """A subject that measures nothing."""

    def __init__(self, name, error=None, values=(1.0,)):
        self.name = name
        self._error = error
        self._values = values

    def measure(self, plan, say):
        say(f"in the {plan.form} form")
        if self._error is not None:
            raise self._error
        goals = [judge("zkwire / C", self._values, at_most=1.0)]
        return Outcome(subject=self.name, title=self.name, goals=goals, samples={"get": {"a": [1]}})


def test_one_that_raises_is_told_of_and_the_others_go_on(tmp_path, capsys):
    session = Session(Plan(form="short", peers=()), tmp_path)
    session.add(Planted("first", ExceptionGroup("two", [ValueError("planted"), OSError("too")])))
    session.add(Planted("second", values=(1.5,)))
    session.run()
    assert list(session.failed) == ["first"]
    assert "two" in session.failed["first"]
    assert [goal.verdict for goal in session.goals] == ["NOT MET"]
    assert [path.name for path in (tmp_path / "short").iterdir()] == ["second.json"]
    record = json.loads((tmp_path / "short" / "second.json").read_text())
    assert set(record) == KEYS
    assert record["form"] == "short"
    assert record["samples"] == {"get": {"a": [1]}}
    assert record["goals"][0]["verdict"] == "NOT MET"
    assert "planted" in capsys.readouterr().err


@pytest.mark.parametrize(("error", "status"), [(RuntimeError("planted"), 1), (None, 0)])
def test_the_exit_status_says_whether_it_ran(monkeypatch, tmp_path, capsys, error, status):
    monkeypatch.setattr(program, "SUBJECTS", {"it": Planted("it", error, values=(9.0,))})
    # A goal that is missed is no failure of the run.
    assert program.main(["it", "--look", "--peers", "zkwire", "--results", str(tmp_path)]) == status
    assert ("FAILED: it: RuntimeError: planted" in capsys.readouterr().out) == bool(status)


def test_a_short_run_does_not_replace_the_page_of_a_full_one(monkeypatch, tmp_path):
    rendered = []
    monkeypatch.setattr(program, "SUBJECTS", {"it": Planted("it")})
    monkeypatch.setattr(program, "RESULTS", tmp_path)
    monkeypatch.setattr(program, "write_page", rendered.append)
    monkeypatch.setattr("bench.harness.session.versions", lambda _names: {})
    program.main([])
    assert rendered == ["short"]
    program.main(["--full"])
    program.main([])
    assert rendered == ["short", "full"]
    program.main(["--page"])
    assert rendered == ["short", "full", "full"]


def test_a_result_takes_the_place_of_the_one_before_whole_or_not_at_all(tmp_path):
    path = write_result(tmp_path, {"subject": "gets", "seconds": 1, "samples": {"a": [1, 2]}})
    assert json.loads(path.read_text()) == {
        "subject": "gets",
        "seconds": 1,
        "samples": {"a": [1, 2]},
    }
    with pytest.raises(TypeError):
        write_result(tmp_path, {"subject": "gets", "seconds": object()})
    assert json.loads(path.read_text())["seconds"] == 1
    assert [each.name for each in tmp_path.iterdir()] == ["gets.json"]


def test_a_name_with_a_comma_in_it_is_one_client():
    assert program.peers_of("zkwire,C, no look-ups,Go") == ("zkwire", "C, no look-ups", "Go")
    assert program.peers_of("C,Go") == ("C", "Go")
    assert program.peers_of("C,nobody") == ()


@pytest.mark.parametrize("wrong", [["nothing"], ["--peers", "nobody"], ["--full", "--look"]])
def test_what_there_is_not_is_refused(wrong, capsys):
    with pytest.raises(SystemExit):
        program.main(wrong)
    assert "error:" in capsys.readouterr().err


def test_every_subject_has_a_name_of_its_own_as_its_module_says():
    assert [subject.name for subject in SUBJECTS.values()] == list(SUBJECTS)
