"""A request shows what it is and where, and nothing of what it holds."""

from __future__ import annotations

import pytest

from zkwire import Acl, Create, CreateMode, Identity, SetData, WatcherType
from zkwire._models import OPEN_ACL_UNSAFE
from zkwire._proto import _requests as requests
from zkwire._proto._request import Request
from zkwire._types import SpecialXid, WatchKind

SECRET = "s3cret"
BYTES = SECRET.encode()
HIDING = [
    requests.auth("digest", b"me:" + BYTES),
    requests.sasl(BYTES),
    requests.set_data("/a", BYTES, -1),
    requests.create("/a", BYTES, CreateMode.PERSISTENT, OPEN_ACL_UNSAFE, None),
    requests.create2("/a", BYTES, CreateMode.PERSISTENT, OPEN_ACL_UNSAFE, None),
    requests.set_acl("/a", [Acl(31, Identity("digest", f"me:{SECRET}"))], -1),
    requests.multi([Create("/a", BYTES), SetData("/a", BYTES)]),
]


@pytest.mark.parametrize("request_", HIDING, ids=lambda one: one.operation.name)
def test_no_text_form_shows_a_secret(request_):
    for text in (repr(request_), str(request_), f"{request_}"):
        assert SECRET not in text
        assert text == f"<{request_.operation.name} {request_.path}>"


def test_auth_and_watches_go_under_numbers_of_their_own_and_nothing_else_does():
    assert requests.auth("digest", b"").special_xid is SpecialXid.AUTH
    assert requests.set_watches(1, {}).special_xid is SpecialXid.SET_WATCHES
    assert requests.ping().special_xid is SpecialXid.PING
    ordinary = [requests.sasl(b""), requests.who_am_i(), requests.close_session(), *HIDING[2:]]
    assert all(one.special_xid is None for one in ordinary)


def test_the_results_of_a_multi_are_read_with_its_own_paths_and_others_by_the_operation():
    one, other = requests.multi([Create("/a")]), requests.multi([Create("/b")])
    assert one.operation is other.operation
    assert one.decode is not other.decode
    assert requests.exists("/a").decode is requests.exists("/b").operation.decode


def test_a_multis_operation_alone_reads_nothing():
    with pytest.raises(TypeError, match="reads its own results"):
        requests.multi([]).operation.decode(b"")


def test_what_may_be_sent_twice():
    reads = [
        requests.get_acl("/a"),
        requests.multi_read([]),
        requests.get_ephemerals("/"),
        requests.get_all_children_number("/"),
        requests.who_am_i(),
        requests.add_watch("/a", recursive=True),
        requests.check_watches("/a", WatcherType.ANY),
    ]
    writes = [
        requests.set_acl("/a", OPEN_ACL_UNSAFE, -1),
        requests.multi([]),
        requests.reconfig(["server.1=x"], None, None, -1),
        requests.remove_watches("/a", WatcherType.ANY),
        requests.auth("digest", b""),
        requests.sasl(b""),
        requests.close_session(),
    ]
    assert [one for one in reads if not one.is_read] == []
    assert [one for one in writes if one.is_read] == []


def test_a_request_watches_only_if_asked_to():
    assert requests.add_watch("/a", recursive=False).watch is WatchKind.PERSISTENT
    assert requests.add_watch("/a", recursive=True).watch is WatchKind.PERSISTENT_RECURSIVE
    assert requests.multi_read([]).watch is None


def test_a_request_has_no_other_attributes():
    with pytest.raises(AttributeError):
        requests.ping().note = "x"
    assert isinstance(requests.ping(), Request)
