"""The command line: what it refuses, and what its exit status says."""

from __future__ import annotations

import sys

import pytest
from click.testing import CliRunner

import zkwire.__main__
from zkwire.conformance import Address, Outcome, Report, Target, Verdict, Version, all_checks
from zkwire.conformance import _cli as cli

TARGET = Target(address=Address("127.0.0.1", 2181), version=Version(3, 9, 5))


def run(*arguments):
    return CliRunner().invoke(cli.conformance, arguments)


def report(*verdicts, **options):
    checks = all_checks()
    outcomes = [Outcome(checks[at], verdict, "[seen]", 0.1) for at, verdict in enumerate(verdicts)]
    return Report(TARGET, outcomes, **options)


@pytest.fixture
def ending(monkeypatch):
    """Have the run end with a given report, and say what status that gives."""

    def end(found, *arguments):
        monkeypatch.setattr(cli, "_run", lambda *_: found)
        return run("127.0.0.1:2181", *arguments)

    return end


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "HOST:PORT is missing"),
        (["nonsense"], "not an address"),
        (["h:1", "--group", "nonsense"], "no group 'nonsense'"),
        (["h:1", "--check", "nonsense"], "no check 'nonsense'"),
        (["h:1", "--server-version", "x"], "not a version"),
        (["h:1", "--nonsense"], "No such option"),
    ],
)
def test_what_cannot_be_understood(arguments, said):
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.output


def test_nobody_listens():
    result = run("127.0.0.1:1")
    assert result.exit_code == 2
    assert "cannot be checked" in result.output


def test_the_list_needs_no_server():
    result = run("--list", "--group", "sync")
    assert result.exit_code == 0
    assert "sync.path" in result.output
    assert "3 checks" in result.output
    assert "headers" not in result.output


def test_status_0_where_all_is_as_expected(ending):
    result = ending(report(Verdict.PASS, Verdict.NOT_APPLICABLE))
    assert result.exit_code == 0
    assert "2 checks: 1 pass, 0 fail, 1 not applicable, 0 error" in result.output


@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.ERROR])
def test_status_1_where_something_is_not(ending, verdict):
    assert ending(report(Verdict.PASS, verdict)).exit_code == 1


def test_status_1_where_something_is_left_behind(ending):
    result = ending(report(Verdict.PASS, left_behind=["/leak"]))
    assert result.exit_code == 1
    assert "left behind: /leak" in result.output


def test_status_0_where_something_of_others_has_gone(ending):
    result = ending(report(Verdict.PASS, gone=["/other"]))
    assert result.exit_code == 0
    assert "gone since the start: /other" in result.output


def test_status_2_where_nothing_is_applicable(ending):
    result = ending(report(Verdict.NOT_APPLICABLE))
    assert result.exit_code == 2
    assert "nothing was checked" in result.output


def test_what_came_back_cannot_reach_into_the_terminal(ending):
    found = Report(TARGET, [Outcome(all_checks()[0], Verdict.FAIL, "a\x1b[31mb [red]", 0.1)])
    result = ending(found)
    assert "\x1b[31m" not in result.output
    assert "[red]" in result.output.replace("\n", "")


def test_what_the_command_says_without_the_extra(monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "zkwire.conformance._cli")
    monkeypatch.delattr("zkwire.conformance._cli")
    monkeypatch.setitem(sys.modules, "click", None)
    monkeypatch.setattr(sys, "argv", ["zkwire", "conformance", "h:1"])
    assert zkwire.__main__.main() == 2
    assert "click, which is not installed: pip install 'zkwire[cli]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "status"), [([], 2), (["nonsense"], 2), (["--help"], 0), (["-h"], 0)]
)
def test_the_command_without_a_subcommand(monkeypatch, capsys, arguments, status):
    monkeypatch.setattr(sys, "argv", ["zkwire", *arguments])
    assert zkwire.__main__.main() == status
    captured = capsys.readouterr()
    assert "zkwire conformance HOST:PORT" in captured.out + captured.err


def test_the_command_passes_its_arguments_on(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["zkwire", "conformance", "--list", "--group", "sync"])
    with pytest.raises(SystemExit) as end:
        zkwire.__main__.main()
    assert end.value.code == 0
    assert "sync.path" in capsys.readouterr().out
