"""``zkwire conformance HOST:PORT``."""

from __future__ import annotations

from pathlib import Path

import click
import trio
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from zkwire.conformance._address import Address, parse_address
from zkwire.conformance._check import Check
from zkwire.conformance._mismatch import Mismatch
from zkwire.conformance._outcome import Outcome, Report
from zkwire.conformance._report import json_of, print_report
from zkwire.conformance._runner import run_checks
from zkwire.conformance._select import select_checks
from zkwire.conformance._target import UnusableTarget
from zkwire.conformance._version import Version, parse_version

CLEAN, UNEXPECTED, UNUSABLE = 0, 1, 2


@click.command()
@click.argument("address", metavar="HOST:PORT", required=False)
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the report here.")
@click.option("--group", "groups", multiple=True, help="Run this group alone; may be repeated.")
@click.option("--check", "names", multiple=True, help="Run this check alone; may be repeated.")
@click.option("--server-version", metavar="X", help="For servers that do not answer srvr.")
@click.option("--list", "listing", is_flag=True, help="Show the checks and run none.")
@click.pass_context
def conformance(
    context: click.Context,
    address: str | None,
    json_path: Path | None,
    groups: tuple[str, ...],
    names: tuple[str, ...],
    server_version: str | None,
    listing: bool,
) -> None:
    """Check that the server at HOST:PORT speaks the ZooKeeper protocol as it should.

    The checks work below nodes of their own, which are removed again.  The exit status is 0 where
    nothing unexpected came back, 1 where something did, and 2 where nothing could be checked.
    """
    try:
        checks = select_checks(groups, names)
        version = None if server_version is None else parse_version(server_version)
        if listing:
            _print_list(checks)
            return
        if address is None:
            raise click.UsageError("HOST:PORT is missing")
        where = parse_address(address)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    console = Console()
    try:
        report = _run(where, checks, version)
    except (UnusableTarget, Mismatch, OSError) as error:
        console.print(f"{where} cannot be checked: {error}", style="bold red", markup=False)
        context.exit(UNUSABLE)
    if json_path is not None:
        json_path.write_text(json_of(report), encoding="utf-8")
    print_report(console, report)
    if not report.applicable and not report.left_behind:
        console.print("nothing was checked: no check is applicable", style="bold red")
        context.exit(UNUSABLE)
    context.exit(CLEAN if report.clean else UNEXPECTED)


def _run(address: Address, checks: tuple[Check, ...], version: Version | None) -> Report:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("checking", total=len(checks))

        def done(_: Outcome) -> None:
            progress.advance(bar)

        async def run() -> Report:
            return await run_checks(address, checks, version=version, done=done)

        return trio.run(run)


def _print_list(checks: tuple[Check, ...]) -> None:
    table = Table()
    for heading in ("check", "since", "expected"):
        table.add_column(heading, overflow="fold")
    for check in checks:
        since = ".".join(map(str, check.since))
        table.add_row(escape(check.name), since, escape(str(check.expects)))
    console = Console()
    console.print(table)
    console.print(f"{len(checks)} checks", markup=False)
