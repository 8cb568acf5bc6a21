"""The log (structlog, JSON lines) and the metrics (prometheus).

Nothing of a credential is ever logged: a field is written only where its name is in `_FIELDS`, free
text of other libraries is dropped for its place in their source, and an exception is its type and
its frames without its message, which may quote what was presented (T58).
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import sys
import time
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from json import JSONEncoder
from typing import TYPE_CHECKING, Any, Final

import orjson
import structlog
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from contextlib import AbstractContextManager
    from typing import TextIO

    from gateway.model import VerificationResult
    from resolvers.cache import CacheResult
    from resolvers.fetch import Egress
    from resolvers.model import Kind

log: structlog.stdlib.BoundLogger = structlog.get_logger()

# --- the log ----------------------------------------------------------------------------------

_FIELDS: Final = frozenset(
    {
        # every line
        "event", "level", "timestamp", "exception",
        # a request
        "request_id", "tenant", "key", "method", "route", "status", "milliseconds", "bytes", "code",
        # a verification
        "result_id", "outcome", "decision", "policy", "format", "problems", "children",
        # the process
        "host", "port", "workers", "worker", "pid", "environment", "count", "policies", "plugins", "hosts", "seconds",
        "finding", "bundles",
        # another library
        "logger", "source",
    }
)  # fmt: skip
"""Names whose values are ours: codes, counts, names that the operator chose."""

REDACTED: Final = "[redacted]"

_SUSPECT: Final = re.compile(r"@|eyJ|did:|ler_[a-z2-7]{8}_|[A-Za-z0-9_-]{80}")
"""A second net: an address, a token, a DID, an API key or anything long and random inside a listed field."""
_PLAIN: Final = frozenset({type(None), bool, int, float})

_SHORT: Final = 80
"""Characters up to which a text is suspect only for one of the marks that the pattern begins with."""

_MAX_TEXT: Final = 200

_ENCODER: Final = JSONEncoder(sort_keys=True)


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace every value whose name is not listed, and every text that looks like a secret. A structlog processor."""
    return {
        name: (value if type(value) in _PLAIN else _redacted(value)) if name in _FIELDS else REDACTED
        for name, value in event.items()
    }


def _redacted(value: Any) -> Any:
    match value:
        case str():
            return REDACTED if _is_suspect(value) else value
        case None | bool() | int() | float():
            return value
        case list() | tuple() | set() | frozenset():
            return [_redacted(item) for item in value]
        case dict():
            return {_redacted(name): _redacted(item) for name, item in value.items()}
        case _:
            return REDACTED


def _is_suspect(text: str) -> bool:
    # Most are short words: to search each with the pattern takes a third of the time of a line.
    if len(text) < _SHORT and not ("@" in text or "eyJ" in text or "did:" in text or "ler_" in text):
        return False
    return len(text) > _MAX_TEXT or _SUSPECT.search(text) is not None


def describe(error: BaseException) -> dict[str, Any]:
    """Return the type of `error` and where it was raised, without its message; likewise its causes."""
    frames = [
        f"{frame.f_globals.get('__name__', '?')}:{line} {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    described: dict[str, Any] = {"type": type(error).__qualname__, "frames": frames}
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        described["cause"] = describe(cause)
    if isinstance(error, BaseExceptionGroup):
        described["members"] = [describe(member) for member in error.exceptions]
    return described


def _exception(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    raised = event.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()[1]
    elif isinstance(raised, tuple):
        raised = raised[1]
    if isinstance(raised, BaseException):
        event["exception"] = describe(raised)
    return event


def _stamped(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event["timestamp"] = datetime.now(UTC).replace(tzinfo=None).isoformat() + "Z"
    return event


class _Libraries(logging.Handler):
    """Writes what other libraries log: where in their source it was said, not what."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write `record` without its text, which may quote a URL or a body."""
        log.log(
            record.levelno,
            "library",
            logger=record.name,
            source=f"{record.module}:{record.lineno}",
            exc_info=record.exc_info,
        )


def _serialized(event: MutableMapping[str, Any], **_: Any) -> str:
    """Write one line, in ASCII; `redact` has left nothing in it that JSON has no form for."""
    try:
        line = orjson.dumps(event, option=orjson.OPT_SORT_KEYS)  # in a fifth of the time that json takes
    except orjson.JSONEncodeError:
        return _ENCODER.encode(event)
    return line.decode() if line.isascii() else _ENCODER.encode(event)


def configure(level: str = "info", *, stream: TextIO | None = None) -> None:
    """Write the log as JSON lines from `level` up to `stream`, by default standard error."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _exception,
            redact,
            _stamped,
            structlog.processors.JSONRenderer(_serialized),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    global log  # noqa: PLW0603 — bound once: to bind it for every line costs 8 µs
    log = structlog.get_logger().bind()
    logging.captureWarnings(capture=True)
    logging.basicConfig(handlers=[_Libraries()], level=max(threshold, logging.WARNING), force=True)


# --- the metrics: labelled by route, code and kind, never by whom or about whom -------------------

_FAST = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_AGES = (1, 10, 60, 300, 900, 3600, 4 * 3600, 24 * 3600, 7 * 24 * 3600)

REQUESTS = Counter("ler_gateway_http_requests", "HTTP requests answered.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram("ler_gateway_http_request_seconds", "Time to answer.", ["route"], buckets=_FAST)
IN_FLIGHT = Gauge("ler_gateway_verifications_in_flight", "Verifications under way.", multiprocess_mode="livesum")
POLICY_WORK = Gauge("ler_gateway_policy_work_in_flight", "Policies being worked on.", multiprocess_mode="livesum")
VERIFICATIONS = Counter("ler_gateway_verifications", "Verifications, by outcome.", ["outcome"])
DECISIONS = Counter("ler_gateway_decisions", "Decisions of policies, by verdict.", ["verdict"])
PROBLEMS = Counter("ler_gateway_problems", "Problems found in credentials.", ["check", "outcome", "code"])
REFUSALS = Counter("ler_gateway_requests_refused", "Requests refused, by problem code.", ["code"])
STEP_SECONDS = Histogram("ler_gateway_step_seconds", "Time per step of a verification.", ["step"], buckets=_FAST)
CACHE = Counter("ler_gateway_cache_lookups", "Look-ups in the memory cache.", ["kind", "result"])
CACHE_AGE = Histogram("ler_gateway_cache_age_seconds", "Age of documents used.", ["kind"], buckets=_AGES)
EGRESS = Counter("ler_gateway_egress", "Outbound fetches, by result.", ["kind", "result"])
EGRESS_BYTES = Counter("ler_gateway_egress_bytes", "Bytes of bodies that were fetched, inflated.", ["kind"])
EGRESS_SECONDS = Histogram("ler_gateway_egress_seconds", "Time per outbound fetch.", ["kind"], buckets=_FAST)
CHILDREN = Counter("ler_gateway_children_elsewhere", "Embedded records that passed in a process of the pool.")
CANONICALIZATIONS = Counter("ler_gateway_canonicalizations", "Documents canonicalized, by path.", ["path"])
# What the seven principles are measured by (`gateway.principles`). Whatever a credential says is one of a few words.
FORMATS = Counter("ler_gateway_records", "Records, by format and outcome.", ["format", "outcome"])
ACHIEVEMENTS = Counter("ler_gateway_achievement_decisions", "Decisions, by type of achievement.", ["type", "verdict"])
REMEDIES = Counter("ler_gateway_not_accepted", "Decisions against a record, by whether a remedy is named.", ["remedy"])
ALIGNMENTS = Counter(
    "ler_gateway_alignments", "Alignments of verified records, by whether they lead somewhere.", ["leads"]
)
NAMED_POLICIES = Counter(
    "ler_gateway_decisions_named", "Decisions, by whether they name version and source.", ["named"]
)
ISSUERS = Counter(
    "ler_gateway_issuer_countries", "Records, by where their issuer is and outcome.", ["country", "outcome"]
)
STARTED = Gauge("ler_gateway_start_time_seconds", "When the service was started.", multiprocess_mode="min")
POLICY_RELOADS = Counter("ler_gateway_policy_reloads", "Reloads of the policies, by result.", ["result"])
POLICIES_OUTDATED = Gauge(
    "ler_gateway_policies_outdated", "1 while the last reload of the policies has failed.", multiprocess_mode="livemax"
)
LOOP_LAG = Histogram("ler_gateway_event_loop_lag_seconds", "How late the event loop runs.", buckets=_FAST)


# A labelled child is the same object every time: looking it up anew costs 1 µs, six times a badge.
_step = cache(STEP_SECONDS.labels)
_cache_lookup = cache(CACHE.labels)
_cache_age = cache(CACHE_AGE.labels)
_path = cache(CANONICALIZATIONS.labels)
_request = cache(REQUESTS.labels)
_request_seconds = cache(REQUEST_SECONDS.labels)
_verification = cache(VERIFICATIONS.labels)
_decision = cache(DECISIONS.labels)
_problem = cache(PROBLEMS.labels)


class _Timer:
    """Observes the time from entering to leaving it."""

    __slots__ = ("_child", "_started")

    def __init__(self, child: Histogram) -> None:
        self._child = child
        self._started = 0.0

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._child.observe(time.perf_counter() - self._started)


def observe(step: str) -> AbstractContextManager[None]:
    """Time one step of a verification."""
    return _Timer(_step(step))


def cache_event(kind: Kind, result: CacheResult, age: float | None) -> None:
    """Count one look-up in the memory cache; `age` is that of the document served, in seconds."""
    _cache_lookup(kind.value, result.value).inc()
    if age is not None:
        _cache_age(kind.value).observe(age)


def egress_event(fetch: Egress) -> None:
    """Count one outbound fetch. It names no host: those are chosen by strangers."""
    EGRESS.labels(fetch.kind.value, fetch.result).inc()
    EGRESS_BYTES.labels(fetch.kind.value).inc(fetch.bytes)
    EGRESS_SECONDS.labels(fetch.kind.value).observe(fetch.seconds)


def canonicalized(path: str) -> None:
    """Count one canonicalization by the path that it took."""
    _path(path).inc()


def passed_elsewhere(count: int) -> None:
    """Count embedded records that passed in a process of the pool."""
    CHILDREN.inc(count)


def policies_reloaded(*, loaded: bool) -> None:
    """Count one reload of the policies; without success those from before stay in force."""
    POLICY_RELOADS.labels("loaded" if loaded else "failed").inc()
    POLICIES_OUTDATED.set(0 if loaded else 1)


def record(result: VerificationResult) -> dict[str, Any]:
    """Count one verification, and return what the log says of it: by its id, what came of it, and nothing more."""
    decision = None if result.decision is None else result.decision.verdict.value
    _verification(result.outcome.value).inc()
    if decision is not None:
        _decision(decision).inc()
    codes: set[str] = set()
    for check in result.checks:
        for code in {problem.code for problem in check.problems}:
            _problem(check.name.value, check.outcome.value, code).inc()
            codes.add(code)
    return {
        "result_id": result.id,
        "outcome": result.outcome.value,
        "decision": decision,
        "policy": None if result.decision is None else f"{result.decision.policy}@{result.decision.version}",
        "format": result.format.name,
        "problems": sorted(codes),
        "children": len(result.children),
    }


def answered(method: str, route: str, status: int, seconds: float, **fields: Any) -> None:
    """Count, time and log one HTTP request; `fields` are its tenant, and what `record` returned."""
    _request(method, route, str(status)).inc()
    _request_seconds(route).observe(seconds)
    milliseconds = round(seconds * 1000, 2)
    log.info("request", method=method, route=route, status=status, milliseconds=milliseconds, **fields)


def all_workers() -> CollectorRegistry:
    """Return the figures of all workers of this service together; with one worker those of this process."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library is not typed here
    return registry


async def watch_event_loop(interval: float = 0.25) -> None:
    """Measure, every `interval` seconds until cancelled, by how much the event loop is late."""
    loop = asyncio.get_running_loop()
    with suppress(asyncio.CancelledError):
        while True:
            due = loop.time() + interval
            await asyncio.sleep(interval)
            LOOP_LAG.observe(max(0.0, loop.time() - due))
