"""Serves: one process, or several that share the port (SO_REUSEPORT) under a supervisor.

Workers are spawned, never forked: threads, event loop and metrics files belong to one process.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from functools import partial
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Final, Self, cast

import structlog
from prometheus_client.multiprocess import mark_process_dead

from gateway import telemetry
from gateway.app import serving
from gateway.config import ConfigError
from policies import PolicyErrors
from resolvers.contexts.folder import ContextFolderError
from resolvers.registry import PluginError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

    from gateway.api.endpoint import Health
    from gateway.config import Config

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)

CANNOT_START: Final = (ConfigError, PolicyErrors, PluginError, ContextFolderError, OSError)
"""What an operator has to mend before anything can start; the text of each says what."""

_WAKE_UPS: Final = 64
"""Signals that are read at once."""

_TURN: Final = 0.001
"""Seconds that a thread may compute while others want to; Python's own choice is 0.005."""

_THREADS: Final = 1
"""Threads for what is large. What waits for a disk or the network, or takes seconds, has threads of its own."""

_GRACE: Final = 5.0
"""Seconds beyond the drain until a worker that does not end is killed."""


def serve(config: Config) -> int:
    """Serve until SIGTERM or SIGINT, and return the process's exit status.

    Raises:
        ConfigError: the address cannot be had.
    """
    telemetry.configure(config.log.level)
    return _serve_alone(config) if config.server.workers == 1 else _supervise(config)


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return uvloop's event loop where there is one, else asyncio's."""
    try:
        import uvloop  # noqa: PLC0415 — absent on Windows and PyPy
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def _serve_alone(config: Config) -> int:
    server = config.server
    with _bound(server.host, server.port) as public:
        private = None if server.operations_host is None else _bound(server.operations_host, server.operations_port)
        _run(config, public, private)
    return 0


def _run(
    config: Config, public: socket.socket, private: socket.socket | None, ready: Callable[[], object] = lambda: None
) -> None:
    """Serve until a signal; `ready` is called when requests are taken."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_until_signal(config, public, private, ready))


async def _until_signal(
    config: Config, public: socket.socket, private: socket.socket | None, ready: Callable[[], object]
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop.set)
    supervisor = multiprocessing.parent_process()
    if supervisor is not None:
        # It becomes readable when the supervisor is gone: then nobody would end this worker any more.
        loop.add_reader(supervisor.sentinel, stop.set)
    reload = asyncio.Event()  # SIGHUP asks to read the policies again
    loop.add_signal_handler(signal.SIGHUP, reload.set)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})  # a supervisor blocks it until somebody listens
    async with serving(config, public, private) as health, _reloading(health, reload):
        host, port = public.getsockname()[:2]
        settle()
        ready()
        telemetry.log.info("listening", host=host, port=port, environment=config.environment, pid=os.getpid())
        await stop.wait()
        # First /readyz says so and load balancers notice; then nothing new is taken; then what is in flight ends.
        health.reason = "draining"
        telemetry.log.info("draining", seconds=config.server.drain_seconds)
        await asyncio.sleep(config.server.drain_notice_seconds)
    telemetry.log.info("stopped")


def settle() -> None:
    """Keep what takes long from keeping others waiting.

    While records of 1,000 achievements come on four connections, /livez takes 13 to 19 ms (p99, three runs).
    """
    # What has been made by now stays until the end. A full collection would go through all of it, and hold
    # everybody up for 80 to 140 ms; every fourth such record set one off.
    gc.collect()
    gc.freeze()
    # A thread keeps the interpreter for so long at a time. Each answer needs it more than once, and waits for each
    # thread that wants it too; so there is one, as no more than one computes at any moment anyway. (With two of
    # them /livez took 45 to 57 ms, and a fifth fewer records were answered.)
    sys.setswitchinterval(_TURN)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS, "large"))


@asynccontextmanager
async def _reloading(health: Health, asked: asyncio.Event) -> AsyncIterator[None]:
    """Read the policies again whenever `asked` is set."""

    async def reload() -> None:
        while True:
            await asked.wait()
            asked.clear()
            if health.policy_files is not None:
                await health.policy_files.reload()

    task = asyncio.create_task(reload())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _bound(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """Return a socket bound to the address, not yet listening; `shared` with other processes of this user."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind(address)
    except OSError as error:
        raise ConfigError((f"server: cannot listen on {host} port {port}: {error.strerror}",)) from None
    return bound


# --- several workers --------------------------------------------------------------------------


def _work(
    config: Config, index: int, public: tuple[str, int], private: tuple[str, int] | None, ready: Connection
) -> None:
    """Be worker `index`, and tell the supervisor through `ready` when requests are taken."""
    telemetry.configure(config.log.level)
    structlog.contextvars.bind_contextvars(worker=index)
    try:
        _run(
            config.of_worker(index),
            _bound(*public, shared=True),
            None if private is None else _bound(*private, shared=True),
            partial(ready.send, obj=True),
        )
    except CANNOT_START as error:
        sys.exit(f"ler-gateway: worker {index}: {error}")


def _supervise(config: Config) -> int:
    """Keep `workers` processes running; on SIGTERM end them all, and return 0 if all ended well."""
    server = config.server
    with tempfile.TemporaryDirectory(prefix="ler-gateway-metrics-") as folder:
        # Read by prometheus_client when a worker imports it: metrics then live in files, one a process.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        with _Reserved(server.host, server.port) as public:
            if server.operations_host is None:
                return _Supervisor(config, public.address, None).run()
            with _Reserved(server.operations_host, server.operations_port) as private:
                return _Supervisor(config, public.address, private.address).run()


class _Reserved:
    """A port that is ours: bound and never listened on, while the workers come and go."""

    def __init__(self, host: str, port: int) -> None:
        # Bound alone first: with SO_REUSEPORT a second service would quietly take half of the requests.
        _bound(host, port).close()
        self._socket = _bound(host, port, shared=True)
        self.address: tuple[str, int] = self._socket.getsockname()[:2]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


class _Supervisor:
    def __init__(self, config: Config, public: tuple[str, int], private: tuple[str, int] | None) -> None:
        self._config = config
        self._addresses = (public, private)
        self._workers: dict[int, tuple[SpawnProcess, Connection]] = {}

    def run(self) -> int:
        woken, waker = socket.socketpair()
        waker.setblocking(False)  # noqa: FBT003 — the standard library's own signature
        signal.set_wakeup_fd(waker.fileno())
        for number in (*_SIGNALS, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        with woken, waker:
            try:
                for index in range(self._config.server.workers):
                    self._start(index)
                telemetry.log.info("started", port=self._addresses[0][1], workers=self._config.server.workers)
                failed = self._watch(woken)
            finally:
                signal.set_wakeup_fd(-1)
                unclean = self._end()
        return 1 if failed or unclean else 0

    def _start(self, index: int) -> None:
        context = multiprocessing.get_context("spawn")
        readable, writable = context.Pipe(duplex=False)
        process = context.Process(
            target=_work, args=(self._config, index, *self._addresses, writable), name=f"worker-{index}"
        )
        # Until a worker listens for it, a reload waits: by default the signal would end the process.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
        process.start()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})
        writable.close()  # the worker's copy is the only one: its end is seen here
        self._workers[index] = (process, readable)

    def _watch(self, woken: socket.socket) -> bool:
        """Replace workers that end, until a signal comes (False) or one could not start (True)."""
        while True:
            sentinels = {process.sentinel: index for index, (process, _) in self._workers.items()}
            for ended in wait([woken, *sentinels]):
                if ended is woken:
                    if not set(woken.recv(_WAKE_UPS)) <= {signal.SIGHUP}:
                        return False
                    self._reload()
                    continue
                index = sentinels[cast("int", ended)]
                process, readable = self._workers.pop(index)
                process.join()  # its end shows before its status does
                mark_process_dead(process.pid)  # type: ignore[no-untyped-call]  # the library is not typed here
                telemetry.log.error("worker-ended", worker=index, status=process.exitcode)
                with readable:
                    # What kept one worker from starting keeps the next one, too.
                    if not _was_ready(readable):
                        return True
                self._start(index)

    def _reload(self) -> None:
        """Have every worker read the policies again."""
        for process, _ in self._workers.values():
            if process.pid is not None and process.is_alive():
                os.kill(process.pid, signal.SIGHUP)

    def _end(self) -> bool:
        """End all workers, and return whether one did not end well."""
        server = self._config.server
        deadline = time.monotonic() + server.drain_notice_seconds + server.drain_seconds + _GRACE
        for process, _ in self._workers.values():
            process.terminate()
        for process, _ in self._workers.values():
            process.join(max(0.0, deadline - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()
        return any(process.exitcode != 0 for process, _ in self._workers.values())


def _was_ready(readable: Connection) -> bool:
    try:
        return bool(readable.recv())
    except EOFError:
        return False
