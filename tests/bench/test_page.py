"""The page of the benchmarks, from figures that are made up here."""

from __future__ import annotations

import json
import sys
from xml.etree import ElementTree as ET

import pytest
from bench.page import write

GET = "get, 100 B, {} in flight, stock settings"
MACHINE = {"cpu": "a processor", "cores": 2, "system": "Linux", "python": "3.11", "packages": {}}
SAMPLES = {
    "detection": {
        "fraction": {"coordinator": {"2": [0.4, 0.41]}, "kazoo": {"2": [0.66, None]}},
        "saved": {"coordinator": {"2": [True, True]}, "kazoo": {"2": [False, False]}},
    },
    "lost": {"cut": {"coordinator, lease": [0.5, 0.4], "kazoo": [-4.0, None]}},
    "verdict": {"1": {"Go": [{"seconds": 0.1, "outcome": "kept"}]},
                "2": {"Go": [{"seconds": None, "outcome": "never"}]}},
    "failover": {"leader killed": {"Java": [{"seconds": 0.2, "kept": True},
                                            {"seconds": 0.3, "kept": False}]}},
    "rolling": {"C": {"kept": 299, "of": 300, "worst gap s": 1.5}},
    "herd": {"Rust": {"down": [5, 9], "accept-then-close": [], "return": [3, 0],
                      "clients": 10, "back s": 1.5}},
    "keepalive": {"aiozk": {"packets": 12, "CPU ms": 0.5, "bytes": 700}},
    "density": {"kazoo": {"1000": {"kB each": 90.5, "threads": 2001}}},
    "timelines": {"cut": {"server": [[0, "fault on"], [2.0, "node gone"], [3, "fault off"]],
                          "coordinator": [[0.4, "suspended"], [1.2, "lease-over"], [1.3, "lost"],
                                          [3.1, "connected"], [3.2, "answered"]]}},
    "gets": {GET.format(1024): {"zkwire": [{"operations per second": 20_000.0}],
                                "C, no look-ups": [{"operations per second": 19_000.0}]},
             GET.format(1): {"zkwire": [{"operations per second": 5_000.0, "median us": 190.0,
                                         "p99 us": 300.0}]}},
    "imports": {"import": {"zkwire": [{"wall time ms": 120.0}]}},
}  # fmt: skip


def put(folder, name, form="full", **more):
    (folder / form).mkdir(parents=True, exist_ok=True)
    subject = {
        "subject": name, "title": f"About {name}", "form": form, "time": "2026-01-01 00:00 UTC",
        "commit": "0123456789ab", "machine": MACHINE, "versions": {"kazoo": "kazoo 2.11"},
        "server": "three servers", "load": [0.5, 1.0], "seconds": 60.0, "tables": [], "goals": [],
        "notes": [], "missing": {}, "samples": SAMPLES.get(name, {}),
    }  # fmt: skip
    (folder / form / f"{name}.json").write_text(json.dumps(subject | more))


def render(folder, to="page"):
    return write(results=folder, to=folder / to / "benchmarks.md")


@pytest.mark.parametrize("name", SAMPLES)
def test_every_subject_alone_makes_a_page_with_plots_that_are_well_formed(tmp_path, name):
    put(tmp_path, name)
    page = render(tmp_path)
    text = page.read_text()
    assert f"## About {name}" in text
    drawn = sorted((page.parent / "plots").glob("*.svg"))
    assert drawn
    for plot in drawn:
        assert f"(plots/{plot.name})" in text
        assert ET.parse(plot).getroot().tag.endswith("svg")
        assert plot.stat().st_size < 150_000
        assert str(tmp_path) not in plot.read_text()
    assert str(tmp_path) not in text


def test_what_has_no_result_is_said_to_have_none(tmp_path):
    put(tmp_path, "detection")
    text = render(tmp_path).read_text()
    missing = text.partition("No result: ")[2].splitlines()[0]
    assert "failover" in missing
    assert "detection" not in missing
    assert "**Pipelined gets**: not measured." in text


def test_a_miss_stays_on_the_page_and_is_counted(tmp_path):
    goals = [
        {"text": "as it is", "goal": "at most 1", "measured": "0.5", "verdict": "met"},
        {"text": "as it is not", "goal": "at most 1", "measured": "1.5", "verdict": "NOT MET"},
    ]
    put(tmp_path, "lost", goals=goals)
    text = render(tmp_path).read_text()
    assert "| lost | as it is not | at most 1 | 1.5 | **NOT MET** |" in text
    assert "of 2, 1 met, 1 NOT MET, 0 not measured" in text


def test_a_subject_without_a_full_result_is_shown_in_the_short_form(tmp_path):
    put(tmp_path, "lost", "short")
    put(tmp_path, "detection", "short", title="Detection in short")
    put(tmp_path, "detection", "full", title="Detection in full")
    text = render(tmp_path).read_text()
    assert "`lost`, short form" in text
    assert "`detection`, full form" in text
    assert "Detection in short" not in text


def test_session_timeouts_come_before_speed(tmp_path):
    put(tmp_path, "gets")
    put(tmp_path, "timelines")
    text = render(tmp_path).read_text()
    assert text.index("## About timelines") < text.index("## About gets")
    assert text.index("plots/timeline-cut.svg") < text.index("plots/gets.svg")


def test_what_was_not_measured_has_its_reason(tmp_path):
    put(tmp_path, "density", missing={"Rust": "cargo is not installed"})
    assert "- Rust: cargo is not installed" in render(tmp_path).read_text()


def test_what_never_happened_is_no_quick_answer(tmp_path):
    never = [{"seconds": None, "kept": False}] * 2 + [{"seconds": 0.01, "kept": True}]
    put(tmp_path, "failover", samples={"follower killed": {"coordinator": never}})
    assert "a median of never" in render(tmp_path).read_text()


def test_the_same_data_give_the_same_bytes(tmp_path):
    for name in SAMPLES:
        put(tmp_path, name)
    first, second = render(tmp_path, "first"), render(tmp_path, "second")
    assert first.read_bytes() == second.read_bytes()
    plots = sorted((first.parent / "plots").iterdir())
    again = sorted((second.parent / "plots").iterdir())
    assert [each.name for each in plots] == [each.name for each in again]
    assert [each.read_bytes() for each in plots] == [each.read_bytes() for each in again]


def test_a_plot_that_is_no_longer_on_the_page_is_taken_away(tmp_path):
    put(tmp_path, "rolling")
    plots = render(tmp_path).parent / "plots"
    assert (plots / "rolling.svg").exists()
    (tmp_path / "full" / "rolling.json").unlink()
    put(tmp_path, "keepalive")
    render(tmp_path)
    assert [each.name for each in plots.iterdir()] == ["keepalive.svg"]


def test_without_matplotlib_there_is_a_page_that_says_so(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    put(tmp_path, "rolling")
    page = render(tmp_path)
    assert "matplotlib is not installed" in page.read_text()
    assert ".svg" not in page.read_text()
    assert not (page.parent / "plots").exists()


def test_no_result_at_all_is_an_error_that_says_what_to_run(tmp_path):
    with pytest.raises(FileNotFoundError, match="python -m bench"):
        render(tmp_path)


def test_a_file_that_is_no_result_is_named(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "broken.json").write_text("{")
    with pytest.raises(ValueError, match=r"broken\.json: not JSON"):
        render(tmp_path)
