"""The configuration: a TOML file < `LER_GATEWAY_*` variables < command-line flags.

Every limit is a named field whose docstring gives its unit and the reason of its default;
`deploy/gateway.toml` lists them all. Unknown keys are errors, and all errors are told at once.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path  # noqa: TC003 — pydantic reads the annotations at run time
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal, Self

import platformdirs
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from resolvers.fetch import FetchLimits
from resolvers.model import TrustSourceConfig

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PREFIX: Final = "LER_GATEWAY_"

_KUBERNETES = re.compile(r"LER_GATEWAY_(SERVICE_(HOST|PORT.*)|PORT(_.*)?)")
"""What Kubernetes puts into every pod beside a Service that is named `ler-gateway`; none is ours."""

_SHOWN_INPUT = 80


class ConfigError(ValueError):
    """The configuration cannot be used; `errors` holds every reason, one line each."""

    def __init__(self, errors: tuple[str, ...]) -> None:
        """Keep `errors` and join them into one message."""
        super().__init__("\n".join(errors))
        self.errors = errors


Positive = Annotated[int, Field(gt=0)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Port = Annotated[int, Field(ge=0, le=65535)]


class _Table(BaseModel):
    """One table of the file: frozen, and closed to unknown keys."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Server(_Table):
    """Where the service listens, and what a process bears."""

    host: str = "127.0.0.1"
    """Address to listen on. Loopback, since without tenants no key is asked."""
    port: Port = 8080
    """TCP port to listen on; 0 takes any free one."""
    workers: Positive = 1
    """Processes that share the port (SO_REUSEPORT). Limits per process are divided by it."""
    operations_host: str | None = None
    """Address of its own for /livez, /readyz and /metrics; unset: they are on the main one."""
    operations_port: Port = 9090
    """TCP port beside `operations_host`."""
    max_concurrent: Positive = 64
    """Verifications in flight at once, all workers together; the next one gets 503. A verification
    that waits for an origin costs memory, and 64 of them are as many as the fetcher can serve soon."""
    retry_after_seconds: Positive = 1
    """Seconds that a 503 asks the caller to wait: a verification is nearly always done within one."""
    max_json_depth: Positive = 64
    """Levels of nesting in a request body. Real records have about 15; parsers recurse."""
    body_seconds: Seconds = 10.0
    """Seconds within which a request body has to arrive, so that a slow sender holds nothing."""
    keep_alive_seconds: Seconds = 75.0
    """Seconds for which an idle connection is kept, above the 60 of common load balancers."""
    drain_notice_seconds: float = Field(default=1.0, ge=0)
    """Seconds between /readyz turning 503 and the listening socket's close, for load balancers to notice."""
    drain_seconds: Seconds = 20.0
    """Seconds that requests in flight get to end after SIGTERM: above any request's deadline, and
    below the 30 s after which container platforms kill."""


class Limits(_Table):
    """What one request may cost. A tenant may have its own."""

    requests_per_second: Seconds = 20.0
    """Requests per second of one tenant, on average: a nightly batch of a state passes in minutes."""
    burst: Positive = 40
    """Requests that may come at once before the average counts: two seconds' worth."""
    body_bytes: Positive = 4 * 1024 * 1024
    """Bytes of a request body. A badge has 10 kB, with an inlined image 1 MB, a large CLR 3 MB."""
    max_children: Positive = 500
    """Credentials inside one record. A career's transcript has some hundred."""
    fetches_per_request: Positive = 40
    """Look-ups that leave the process for one request, children included: about two an issuer."""
    deadline_seconds: Seconds = 10.0
    """Seconds until whatever is still open is indeterminate: callers give up at about 30."""


class Cache(_Table):
    """What is remembered of what was fetched."""

    folder: Path = Field(default_factory=lambda: platformdirs.user_cache_path("ler-gateway"))
    """Folder of the HTTP cache: one file a worker, never one that two processes share."""
    memory_bytes: Positive = 256 * 1024 * 1024
    """Bytes of parsed documents in memory, all workers together: some thousand status lists."""
    disk_bytes: Positive = 1024 * 1024 * 1024
    """Bytes of the HTTP cache on disk, all workers together."""
    did_max_stale: float = Field(default=3600.0, ge=0)
    """Seconds for which a DID document past its freshness may serve while its origin is down.
    An hour bridges most outages, and bounds how long a rotated key is still believed."""


class Fetch(_Table):
    """Bounds of the only door to the network (`resolvers.fetch.FetchLimits`)."""

    ports: frozenset[Annotated[int, Field(gt=0, le=65535)]] = frozenset({443})
    """Ports that may be contacted: that of https, where no other protocol can be made to listen."""
    seconds: Seconds = 5.0
    """Seconds for one fetch with all its redirects, waiting included. A healthy origin needs under one."""
    threads: Positive = 32
    """Fetches at once, all workers together: measured best for origins that are 50 ms away."""
    queue: Positive = 256
    """Fetches that may wait: what 32 threads do in about half a second."""
    per_host: Positive = 4
    """Fetches at once to one host, so that a slow one never holds every thread."""
    redirects: Annotated[int, Field(ge=0)] = 3
    """Redirects that are followed: identifiers such as w3id.org take one or two, a loop takes all."""
    host_failures: Positive = 5
    """Fetches in a row that a host leaves unanswered before it is left alone."""
    host_shut_seconds: Seconds = 30.0
    """Seconds for which it is left alone, before one fetch tries again."""
    overhead_bytes: Positive = 64 * 1024
    """Bytes of headers and framing, in all hops together. A verbose origin sends 4 KiB."""
    did_document_bytes: Positive = 256 * 1024
    """Bytes of a DID document or https controller document. Real ones have 1 to 20 KiB."""
    jwks_bytes: Positive = 256 * 1024
    """Bytes of a JWK Set. A key with its certificate chain has about 8 KiB."""
    status_list_bytes: Positive = 4 * 1024 * 1024
    """Bytes of a status list credential: 131,072 entries need at most 22 KiB, a million with 8 bits 1.4 MiB."""
    registry_bytes: Positive = 16 * 1024 * 1024
    """Bytes of a trust registry's list. The largest known ones have a few MiB."""
    schema_bytes: Positive = 1024 * 1024
    """Bytes of a JSON Schema. CLR 2.0's, the largest in use, has 300 KiB."""
    record_bytes: Positive = 4 * 1024 * 1024
    """Bytes of a hosted record: as large as a request body may be."""


class Status(_Table):
    """How credential status is read."""

    minimum_entries: Positive = 131_072
    """Entries that a status list must have, so that it hides one holder among many (Bitstring Status List 1.0)."""
    accepted_issuers: frozenset[str] = frozenset()
    """Issuers of status lists that are believed for credentials of others. None: who issues
    somebody else's list could clear its revocations."""


class Policies(_Table):
    """Where policies come from, beside the library in the package."""

    folders: tuple[Path, ...] = ()
    """Folders of policy files of the operator's own."""


class Contexts(_Table):
    """JSON-LD contexts, beside those in the package."""

    folder: Path | None = None
    """Folder of further pinned contexts with their MANIFEST; contexts are never fetched."""


class Proof(_Table):
    """How proofs are judged."""

    clock_skew_seconds: float = Field(default=60.0, ge=0, le=600)
    """Seconds by which an issuer's clock may be ahead of or behind ours: clocks kept by NTP stay far below."""


class VcApi(_Table):
    """How `/credentials/verify` speaks the W3C VC API."""

    failure_status: Literal[200, 400] = 200
    """HTTP status of a credential that does not verify: 200 as the current draft says, 400 as the
    published test suites and older servers expect."""
    issuer_binding: Literal["require", "report"] = "require"
    """Whether a key that is not the issuer's fails `verified` here. `/v1/verify` always requires it."""


class Trust(_Table):
    """One trust source, which policies name by its id."""

    kind: str
    """Which plugin of `resolvers/trust` asks it."""
    url: str
    """Where it is."""
    key: dict[str, str] | None = None
    """The public JWK, pinned out of band, of whoever signs it."""
    tier: str | None = None
    """sandbox | community | member, where the source does not say it of itself."""
    assurance: str | None = None
    """AL1 | AL2 | AL3: how strictly the source checks whom it lists."""


class Development(_Table):
    """For tests and demonstrations only."""

    hosts: dict[str, str] = Field(default_factory=dict)
    """https host (or host:port) → loopback origin that stands for it. Refused in production, since
    it opens the guarded door to this machine."""


class ApiKey(_Table):
    """One API key, of which only the hash is kept."""

    prefix: str = Field(pattern=r"^ler_[a-z2-7]{8}$")
    """The key's public part, by which it is found and named in the log."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the whole key, in hex. The key has 256 random bits, so no slow hash is needed."""
    expires: AwareDatetime
    """Instant from which it is refused. There is no key for ever: a lost one ends by itself."""


class Tenant(_Table):
    """One organisation that uses the service."""

    keys: tuple[ApiKey, ...] = Field(min_length=1)
    """Its API keys; two at once let it change over."""
    policies: tuple[str, ...] = ()
    """Ids of the policies that it sees; `us-al/*` is a whole folder, `*` is every one."""
    default_policy: str | None = None
    """The policy of its requests that name none; unset: those get no decision."""
    metrics: bool = False
    """Whether its keys read /metrics, which counts all tenants together."""
    limits: Limits = Field(default_factory=Limits)
    """Its own limits; what is not given is as in [limits]."""

    def sees(self, policy: str) -> bool:
        """Whether the policy of that id is visible to this tenant."""
        return any(fnmatchcase(policy, pattern) for pattern in self.policies)

    @model_validator(mode="after")
    def _default_is_visible(self) -> Self:
        if self.default_policy is not None and not self.sees(self.default_policy.partition("@")[0]):
            message = f"default_policy {self.default_policy!r} is not among the tenant's policies"
            raise ValueError(message)
        return self


class Log(_Table):
    """The log, JSON lines on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least level that is written."""


class Config(_Table):
    """Everything that an operator decides. Made by `load`."""

    environment: Literal["production", "development"] = "production"
    """`development` allows what is unsafe on the open internet; so it has to be asked for."""
    server: Server = Field(default_factory=Server)
    limits: Limits = Field(default_factory=Limits)
    cache: Cache = Field(default_factory=Cache)
    fetch: Fetch = Field(default_factory=Fetch)
    status: Status = Field(default_factory=Status)
    policies: Policies = Field(default_factory=Policies)
    contexts: Contexts = Field(default_factory=Contexts)
    proof: Proof = Field(default_factory=Proof)
    vc_api: VcApi = Field(default_factory=VcApi)
    trust: dict[str, Trust] = Field(default_factory=dict)
    """Trust sources by the id under which policies name them."""
    tenants: dict[str, Tenant] = Field(default_factory=dict)
    """Tenants by name. Without any, no key is asked, no rate limit applies, and only loopback is served."""
    development: Development = Field(default_factory=Development)
    log: Log = Field(default_factory=Log)

    @property
    def fetch_limits(self) -> FetchLimits:
        """The bounds of the fetcher."""
        return FetchLimits(**self.fetch.model_dump(exclude={"ports"}), disk_bytes=self.cache.disk_bytes)

    @property
    def trust_sources(self) -> tuple[TrustSourceConfig, ...]:
        """The trust sources, as `resolvers.trust` takes them."""
        return tuple(TrustSourceConfig(id=key, **table.model_dump()) for key, table in self.trust.items())

    def of_worker(self, index: int) -> Config:
        """Return what worker `index` (from 0) may use: an Nth of every limit, and a cache folder of its own."""
        count = self.server.workers
        if count == 1:
            return self

        def limits(whole: Limits) -> Limits:
            return whole.model_copy(
                update={
                    "requests_per_second": whole.requests_per_second / count,
                    "burst": _share(whole.burst, count),
                }
            )

        return self.model_copy(
            update={
                "server": self.server.model_copy(update={"max_concurrent": _share(self.server.max_concurrent, count)}),
                "limits": limits(self.limits),
                "cache": self.cache.model_copy(
                    update={
                        "folder": self.cache.folder / f"worker-{index}",
                        "memory_bytes": _share(self.cache.memory_bytes, count),
                        "disk_bytes": _share(self.cache.disk_bytes, count),
                    }
                ),
                "fetch": self.fetch.model_copy(
                    update={name: _share(getattr(self.fetch, name), count) for name in ("threads", "queue", "per_host")}
                ),
                "tenants": {
                    name: tenant.model_copy(update={"limits": limits(tenant.limits)})
                    for name, tenant in self.tenants.items()
                },
            }
        )

    @model_validator(mode="before")
    @classmethod
    def _tenants_inherit_limits(cls, given: Any) -> Any:
        """Lay each tenant's limits over the general ones, before either is checked."""
        if not isinstance(given, dict) or not isinstance(given.get("tenants"), dict):
            return given
        general = given.get("limits", {})
        tenants = {
            name: {**tenant, "limits": {**general, **tenant.get("limits", {})}}
            if isinstance(tenant, dict) and isinstance(general, dict) and isinstance(tenant.get("limits", {}), dict)
            else tenant
            for name, tenant in given["tenants"].items()
        }
        return {**given, "tenants": tenants}

    @model_validator(mode="after")
    def _is_safe(self) -> Self:
        wrong = [*self._unsafe_development(), *self._unsafe_binding(), *self._shared_keys()]
        if wrong:
            raise ValueError("\n".join(wrong))
        return self

    def _unsafe_development(self) -> Iterator[str]:
        if self.development.hosts and self.environment == "production":
            yield 'development.hosts is refused while environment = "production"'
        for host, origin in self.development.hosts.items():
            target = re.fullmatch(r"http://(\[[^\]]+\]|[^/:@?#]+)(:\d+)?/?", origin)
            if target is None or not is_loopback(target[1].strip("[]")):
                yield f"development.hosts.{host}: {origin!r} is no loopback origin (http://127.0.0.1:PORT)"

    def _unsafe_binding(self) -> Iterator[str]:
        if self.tenants:
            return
        for name in ("host", "operations_host"):
            address = getattr(self.server, name)
            if address is not None and not is_loopback(address):
                yield f"server.{name}: without tenants only loopback is served, not {address!r}; see [tenants]"

    def _shared_keys(self) -> Iterator[str]:
        seen: set[str] = set()
        for name, tenant in self.tenants.items():
            for key in tenant.keys:
                if key.prefix in seen:
                    yield f"tenants.{name}.keys: the prefix {key.prefix!r} is used twice"
                seen.add(key.prefix)


def load(
    path: Path | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
) -> Config:
    """Return the configuration of the file at `path`, overlaid with variables and flags.

    Args:
        path: a TOML file; None for defaults only.
        environ: the process environment. `LER_GATEWAY_SERVER_PORT` is `[server] port`; a value is
            written as in the file, a string with or without quotes.
        flags: dotted field → value, such as {"server.port": 8443}; None values are left out.

    Raises:
        ConfigError: anything is wrong; it holds every reason.
    """
    tree = _read(path) if path is not None else {}
    errors: list[str] = []
    names = {PREFIX + "_".join(where).upper(): where for where in fields()}
    for name, raw in sorted((environ or {}).items()):
        if not name.startswith(PREFIX) or name == f"{PREFIX}CONFIG" or _KUBERNETES.fullmatch(name):
            continue
        if name in names:
            _set(tree, names[name], _toml_value(raw))
        else:
            errors.append(f"{name}: there is no such variable{_did_you_mean(name, names)}")
    for dotted, value in (flags or {}).items():
        if value is not None:
            _set(tree, tuple(dotted.split(".")), value)
    try:
        config = Config.model_validate(tree)
    except ValidationError as invalid:
        errors += [line for error in invalid.errors() for line in _explain(error)]
        raise ConfigError(tuple(errors)) from None
    if errors:
        raise ConfigError(tuple(errors))
    return config


def fields(table: type[BaseModel] = Config, at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of every field, such as ("server", "port"); a table keyed by the operator is one field."""
    for name, info in table.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from fields(kind, (*at, name))
        else:
            yield (*at, name)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`. A name other than `localhost` is not looked up, and is not."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _share(whole: int, count: int) -> int:
    return max(1, whole // count)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError((f"{path}: {error.strerror}",)) from None
    except ValueError as error:
        raise ConfigError((f"{path}: {error}",)) from None


def _set(tree: dict[str, Any], where: tuple[str, ...], value: Any) -> None:
    for name in where[:-1]:
        inner = tree.get(name)
        if not isinstance(inner, dict):
            inner = tree[name] = {}
        tree = inner
    tree[where[-1]] = value


def _toml_value(raw: str) -> Any:
    """Return `raw` as TOML reads it, or as the string it is (`127.0.0.1`, `info`)."""
    try:
        parsed = tomllib.loads(f"value = {raw}")
    except ValueError:
        return raw
    return parsed["value"] if len(parsed) == 1 else raw


def _explain(error: Any) -> list[str]:
    where = ".".join(str(part) for part in error["loc"])
    match error["type"]:
        case "extra_forbidden":
            return [f"{where}: there is no such key{_did_you_mean(str(error['loc'][-1]), _siblings(error['loc']))}"]
        case "value_error":
            lines = str(error["ctx"]["error"]).splitlines()
            return [f"{where}: {line}" if where else line for line in lines]
        case _:
            shown = repr(error["input"])
            # A key pasted where its hash belongs must not be repeated.
            given = f" (given: {shown})" if len(shown) <= _SHOWN_INPUT and "keys" not in error["loc"] else ""
            return [f"{where}: {error['msg']}{given}"]


def _siblings(where: tuple[int | str, ...]) -> list[str]:
    """Return the keys of the table that the last part of `where` was put into."""
    if where[0] == "tenants":
        table: type[BaseModel] = Limits if "limits" in where[2:-1] else ApiKey if "keys" in where[2:-1] else Tenant
    elif where[0] == "trust":
        table = Trust
    else:
        table = Config
        for part in where[:-1]:
            inner = table.model_fields[str(part)].annotation
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                table = inner
    return list(table.model_fields)


def _did_you_mean(given: str, known: Any) -> str:
    close = difflib.get_close_matches(given, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
