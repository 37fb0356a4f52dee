"""``zkwire serve``."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from typing import Final

import click
import trio

from zkwire.testing._memory import open_memory_zookeeper

_PORT: Final = 2181


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=_PORT,
    show_default=True,
    help="The first member's port, the others' behind it; 0 for free ones.",
)
@click.option(
    "--members",
    type=click.IntRange(1, 7),
    default=1,
    show_default=True,
    help="One server, or an ensemble of so many.",
)
@click.option(
    "--tick-time",
    type=click.FloatRange(0.001, 3600),
    default=2.0,
    show_default=True,
    help="Seconds; sessions get 2 to 20 of them.",
)
@click.option(
    "--config", "lines", multiple=True, metavar="KEY=VALUE", help="As in zoo.cfg; may be repeated."
)
def serve(host: str, port: int, members: int, tick_time: float, lines: Sequence[str]) -> None:
    """Run a ZooKeeper that keeps everything in memory, for tests.

    It behaves as ZooKeeper 3.9.5 and needs no Java.  The line "ready at HOST:PORT,..." on the
    standard output says that it serves, and where.  Ctrl-C and SIGTERM end it, and everything
    that it holds is gone.
    """
    try:
        trio.run(_serve, host, port, members, tick_time, _config_of(lines))
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        message = f"cannot listen at {host}:{port}: {error}"
        raise click.ClickException(message) from error


async def _serve(
    host: str, port: int, members: int, tick_time: float, config: Mapping[str, str]
) -> None:
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with open_memory_zookeeper(
            members, tick_time, config=config, listen=True, host=host, port=port
        ) as ensemble:
            click.echo(f"ready at {','.join(ensemble.servers)}")  # click flushes
            await anext(signals)


def _config_of(lines: Sequence[str]) -> dict[str, str]:
    config: dict[str, str] = {}
    for line in lines:
        key, equals, value = line.partition("=")
        if not equals or not key.strip():
            raise click.BadParameter(f"{line!r} is not KEY=VALUE", param_hint="--config")
        config[key.strip()] = value.strip()
    return config
