"""The same on a real server: what the one in memory promises is worth a look now and then."""

from __future__ import annotations

from uuid import uuid4

import trio
from roster import open_roster, stay_on_duty, wait_until_on_duty


async def test_a_session_that_ends_is_followed_by_another(zookeeper):
    path = f"/on-duty-{uuid4().hex}"  # the server is shared by all tests
    with trio.fail_after(60):
        async with (
            open_roster(zookeeper.servers, path) as everybody,
            open_roster(zookeeper.servers, path) as alice,
            trio.open_nursery() as nursery,
        ):
            nursery.start_soon(stay_on_duty, alice, "alice")
            await wait_until_on_duty(everybody, {"alice"})
            session = alice.session
            # A handle for synchronous code, as fixtures of the whole run are.
            await trio.to_thread.run_sync(zookeeper.expire, session.id)
            await session.expired.wait()
            await wait_until_on_duty(everybody, {"alice"})
            nursery.cancel_scope.cancel()
