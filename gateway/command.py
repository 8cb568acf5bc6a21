"""What every command shares: its options, its exit status, and how it ends."""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import AsyncExitStack, asynccontextmanager
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from gateway import server
from gateway.config import Config, ConfigError
from gateway.config import load as load_config
from gateway.verifier import Verifier

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

T = TypeVar("T")


class Exit(IntEnum):
    """Exit statuses."""

    YES = 0
    NO = 1
    USAGE = 2
    UNKNOWN = 3


ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", envvar="LER_GATEWAY_CONFIG", help="TOML file; deploy/gateway.toml lists every option."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def load(path: Path | None, flags: dict[str, Any]) -> Config:
    """Return the configuration; what is wrong with it is a usage error."""
    try:
        return load_config(path, environ=os.environ, flags=flags)
    except ConfigError as error:
        usage(str(error))


def usage(message: str) -> NoReturn:
    """End: the command, its arguments or the configuration are wrong."""
    for line in message.splitlines():
        typer.echo(f"ler-gateway: {line}", err=True)
    raise typer.Exit(Exit.USAGE)


@asynccontextmanager
async def opened(settings: Config) -> AsyncIterator[Verifier]:
    """Open a verifier; what an operator has to mend is told, and is a usage error."""
    async with AsyncExitStack() as stack:
        try:
            verifier = await stack.enter_async_context(Verifier.open(settings))
        except server.CANNOT_START as error:
            usage(str(error))
        yield verifier


def print_json(value: Any) -> None:
    """Print JSON; only ASCII, so that what a credential says cannot steer the terminal."""
    typer.echo(json.dumps(value, indent=2))


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` in an event loop of its own."""
    with asyncio.Runner(loop_factory=server.new_event_loop) as runner:
        return runner.run(work)
