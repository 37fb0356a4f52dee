from __future__ import annotations

import pytest

from one_database import OneDatabase, world
from zkwire.testing._memory._database import CreateNode, DeleteNode, MultiWrite, SetNodeData

QUOTA = "/zookeeper/quota/q"


def limited(limits, **config):
    one = OneDatabase(**config)
    one.make("/q", b"x")
    one.make(QUOTA)
    one.make(f"{QUOTA}/zookeeper_limits", limits)
    one.make(f"{QUOTA}/zookeeper_stats", b"count=1,bytes=0")
    return one


def statistics(one):
    return one.database.node(f"{QUOTA}/zookeeper_stats").data


def test_statistics_are_kept():
    one = limited(b"count=1,bytes=1")
    assert statistics(one) == b"count=1,bytes=1"
    one.make("/q/a", b"four")
    one.make("/q/a/b", None)
    one.make("/qq", b"four")
    assert statistics(one) == b"count=3,bytes=5"
    one.do(SetNodeData("/q/a", b"sixsix"))
    one.do(DeleteNode("/q/a/b"))
    assert statistics(one) == b"count=2,bytes=7"


def test_statistics_start_with_what_is_there():
    one = OneDatabase()
    for path in ("/q", "/q/a", "/q/a/b"):
        one.make(path, b"12")
    one.make(QUOTA)
    one.make(f"{QUOTA}/zookeeper_stats", b"")
    assert statistics(one) == b"count=3,bytes=6"
    one.make("/q/c")
    assert statistics(one) == b"count=3,bytes=6", "no limit, no quota"


def test_a_quota_ends_with_its_limits():
    one = limited(b"count=-1,bytes=-1=;countHardLimit=1", enforceQuota="true")
    assert one.make("/q/a").err == -125
    one.do(DeleteNode(f"{QUOTA}/zookeeper_limits"))
    assert one.make("/q/a").err == 0
    assert statistics(one) == b"count=1,bytes=1"


@pytest.mark.parametrize("enforced", [True, False])
def test_hard_limits_need_to_be_enforced(enforced):
    limits = b"count=1,bytes=1=;byteHardLimit=5;countHardLimit=2"
    one = limited(limits, enforceQuota=enforced)
    assert one.make("/q/a", b"12345").err == (-125 if enforced else 0)
    assert one.make("/q/b", b"1234").err == 0
    assert one.make("/q/c").err == (-125 if enforced else 0)
    assert one.do(SetNodeData("/q", b"12")).err == (-125 if enforced else 0)
    assert one.do(SetNodeData("/q", b"")).err == 0


def test_soft_limits_refuse_nothing():
    one = limited(b"count=1,bytes=1", enforceQuota=True)
    assert one.make("/q/a", b"12345").err == 0


def test_a_multi_is_measured_by_what_was_there_before():
    # Real servers look at the statistics that were applied, not at those of pending changes.
    one = limited(b"count=-1,bytes=-1=;countHardLimit=2", enforceQuota=True)
    ops = tuple(CreateNode(f"/q/{name}", b"", world(), 0) for name in "abc")
    assert one.do(MultiWrite(ops)).results[2].err == 0
    assert statistics(one) == b"count=4,bytes=1"
    assert one.make("/q/d").err == -125


def test_the_deepest_quota_counts():
    one = limited(b"count=9,bytes=9")
    one.make("/q/a")
    for path in (f"{QUOTA}/a", f"{QUOTA}/a/zookeeper_limits", f"{QUOTA}/a/zookeeper_stats"):
        one.make(path, b"count=5,bytes=5")
    one.make("/q/a/b")
    assert one.database.node(f"{QUOTA}/a/zookeeper_stats").data == b"count=2,bytes=0"
    assert statistics(one) == b"count=2,bytes=1"


@pytest.mark.parametrize(
    "limits",
    [None, b"nonsense", b"count=x", b"count=,bytes=9", b"=", b";count=9", b"count=1_0"],
)
def test_limits_that_cannot_be_read_stop_all_writes_where_quotas_are_enforced(limits):
    one = limited(limits, enforceQuota=True)
    assert one.make("/q/a").err == -5
    assert one.do(SetNodeData("/q", b"")).err == -5
    applied = one.do(MultiWrite((CreateNode("/other", b"", world(), 0), SetNodeData("/q", b""))))
    assert (applied.err, one.database.node("/other")) == (-5, None)
    assert one.make("/other").err == 0
    assert limited(limits).make("/q/a").err == 0


@pytest.mark.parametrize("limits", [b"", b";;", b"=3", b"count==9", b"count=9,,;bytes=9=,"])
def test_limits_may_be_written_in_odd_ways(limits):
    assert limited(limits, enforceQuota=True).make("/q/a").err == 0


def test_other_numbers_in_the_statistics_are_kept():
    one = limited(b"count=9,bytes=9")
    one.do(SetNodeData(f"{QUOTA}/zookeeper_stats", b"count=1,bytes=1=;zz=2;aa=1"))
    one.make("/q/a")
    assert statistics(one) == b"count=2,bytes=1=;aa=1;zz=2"
