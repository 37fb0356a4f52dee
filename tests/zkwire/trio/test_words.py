"""Four-letter words, over TCP to a real server and over streams of the caller's making."""

from __future__ import annotations

import pytest
import trio
import trio.testing

import zkwire


@pytest.mark.zk
async def test_a_real_server_answers(zookeeper):
    host, _, port = zookeeper.servers[0].rpartition(":")
    assert await zkwire.four_letter_word(host, int(port), "ruok") == "imok"
    assert "Zookeeper version: " in await zkwire.four_letter_word(host, int(port), "srvr")


async def test_an_answer_may_come_in_pieces():
    near, far = trio.testing.memory_stream_pair()

    async def dial(host, port):
        await trio.lowlevel.checkpoint()
        assert (host, port) == ("there", 99)
        return near

    async def serve():
        assert await far.receive_some() == b"mntr"
        for piece in (b"zk_version\t", b"3.9.5\n", b"\xff\n"):
            await far.send_all(piece)
        await far.send_stream.aclose()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve)
        answer = await zkwire.four_letter_word("there", 99, "mntr", dial=dial)
    assert answer == "zk_version\t3.9.5\n�\n"
    with pytest.raises(trio.ClosedResourceError):
        await near.send_all(b"x")


@pytest.mark.parametrize("word", ["", "ruo", "ruoks", "RUOK", "ru k", "ruö1"])
async def test_what_is_no_word_is_refused(word):
    with pytest.raises(zkwire.InvalidArgument, match="word: must be four lower-case letters"):
        await zkwire.four_letter_word("127.0.0.1", 1, word)


async def test_an_endless_answer_is_an_error(monkeypatch):
    monkeypatch.setattr("zkwire._trio._words.MAX_ANSWER", 10)
    near, far = trio.testing.memory_stream_pair()

    async def dial(_host, _port):
        await trio.lowlevel.checkpoint()
        return near

    await far.send_all(b"x" * 11)
    with pytest.raises(OSError, match="an answer of more than 10 bytes"):
        await zkwire.four_letter_word("there", 99, "cons", dial=dial)


def test_options_can_be_checked_before_there_is_a_server():
    zkwire.check_options(session_timeout=1.0, auth=[("digest", b"a:b")])
    with pytest.raises(zkwire.InvalidArgumentType, match=r"auth\[0\]: must be a scheme"):
        zkwire.check_options(auth=["digest"])
