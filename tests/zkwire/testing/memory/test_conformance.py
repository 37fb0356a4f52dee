"""What the conformance suite says about the in-memory server, over TCP like any other."""

from __future__ import annotations

import pytest

from zkwire.conformance import Verdict, parse_address, run_checks, select_checks
from zkwire.testing import open_memory_zookeeper

# A real 3.9 with its defaults has reconfig switched off as well, and TTL nodes are switched on
# here.  Everything else that is not applicable needs the other kind of server.
OFF = {
    "create_ttl.switched_off",
    "reconfig.bad_id",
    "reconfig.bad_syntax",
    "reconfig.bad_version",
    "reconfig.no_auth",
    "reconfig.standalone",
    "words.switched_off",
}
ALONE = {
    "ensemble.ephemerals",
    "ensemble.events",
    "ensemble.session_id",
    "ensemble.session_moved",
    "ensemble.session_moves",
    "ensemble.sync",
    "ensemble.wrong_password",
    "reconfig.config_node",
}


@pytest.mark.parametrize(
    ("members", "index", "not_applicable"),
    [(1, 0, OFF | ALONE), (3, 0, OFF | {"get_data.config"}), (3, 2, OFF | {"get_data.config"})],
)
async def test_the_suite_finds_nothing_unexpected(members, index, not_applicable):
    config = {"4lw.commands.whitelist": "*"}
    async with open_memory_zookeeper(members, 0.2, config=config, listen=True) as ensemble:
        address = parse_address(ensemble.servers[index])
        report = await run_checks(address, select_checks((), ()))
        assert {each.check.name: each.observed for each in report.unexpected} == {}
        assert (report.left_behind, report.gone) == ([], [])
        passed_by = {
            each.check.name for each in report.outcomes if each.verdict is Verdict.NOT_APPLICABLE
        }
        assert passed_by == not_applicable
        assert report.count(Verdict.PASS) == len(report.outcomes) - len(not_applicable)


# What is switched off by default, or on, the other way round.
@pytest.mark.parametrize(
    ("config", "group", "check"),
    [
        ({"extendedTypesEnabled": False}, "create_ttl", "create_ttl.switched_off"),
        ({"4lw.commands.whitelist": "srvr"}, "words", "words.switched_off"),
        ({"4lw.commands.whitelist": "srvr, conf"}, "words", "words.conf"),
    ],
)
async def test_the_checks_of_what_is_configured_otherwise(config, group, check):
    async with open_memory_zookeeper(config=config, listen=True) as ensemble:
        address = parse_address(ensemble.servers[0])
        report = await run_checks(address, select_checks([group], ()))
        verdicts = {each.check.name: each.verdict for each in report.outcomes}
        assert verdicts[check] is Verdict.PASS
        assert report.clean
