"""A PDF with records embedded: a diploma for people, with its credential attached for machines."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from gateway.model import Presented
from gateway.plugins import Container
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from gateway.plugins import ContainerTools

_COMMAND: Final = (sys.executable, "-I", str(Path(__file__).with_name("_pdf_process.py")))
_SIGNATURE: Final = b"%PDF-"
_HEAD: Final = 1024
"""Octets in which a reader looks for the header."""
_SECONDS: Final = 8.0
"""What one PDF may take, the 0.3 s in which the process starts included."""
_AT_ONCE: Final = 2
"""Processes at once, of up to 1 GB each; other requests wait within their own deadlines."""
_TURNS: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]] = WeakKeyDictionary()
"""By event loop: a process has one, tests have several."""


def _recognize(presented: Presented) -> bool:
    return isinstance(presented.content, bytes) and _SIGNATURE in presented.content[:_HEAD]


async def _open(presented: Presented, tools: ContainerTools) -> tuple[Presented, ...]:
    content = presented.content
    if not isinstance(content, bytes):
        raise Invalid("container-malformed", "not a PDF")
    async with _TURNS.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(_AT_ONCE)):
        answer = await _read(content, tools.max_bytes)
    if isinstance(answer, list):
        return tuple([Presented(content=base64.b64decode(text)) for text in answer])
    if "damaged" in answer:
        raise Invalid("container-malformed", answer["damaged"])
    if "too-large" in answer:
        raise Unavailable("too-large", answer["too-large"])
    raise Unavailable("internal-error", f"PDFs are not read here: {answer.get('unusable', 'no word')}")


async def _read(pdf: bytes, limit: int) -> Any:
    """Let the process read it, and end that whatever happens: its answer belongs to this caller alone."""
    try:
        process = await asyncio.create_subprocess_exec(
            *_COMMAND,
            str(limit),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
            start_new_session=True,  # an interrupt at the terminal is for the service to act on
        )
    except OSError:  # no memory or no descriptor is left, as when many come at once
        raise Unavailable("internal-error", "the process that reads PDFs could not be started") from None
    try:
        async with asyncio.timeout(_SECONDS):
            output, _ = await process.communicate(pdf)
        return json.loads(output)
    except TimeoutError:
        raise Unavailable("deadline-exceeded", f"the PDF could not be read within {_SECONDS:g} seconds") from None
    except ValueError:
        raise Unavailable("internal-error", "the process that reads PDFs ended without an answer") from None
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


PLUGIN: Final = Container(name="pdf", media_types=("application/pdf",), recognize=_recognize, open=_open)
