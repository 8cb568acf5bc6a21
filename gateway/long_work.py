"""Work of whole seconds, in threads of its own: that in which large records are read is only one (`gateway.server`)."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_THREADS: Final = ThreadPoolExecutor(thread_name_prefix="long-work")


async def long_work(task: Callable[..., T], *arguments: object) -> T:
    """Do `task` in a thread, so that others get their answers meanwhile."""
    work = partial(copy_context().run, task, *arguments)  # what it logs names the request
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work)
