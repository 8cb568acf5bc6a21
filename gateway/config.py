"""The configuration: a TOML file < `LER_GATEWAY_*` variables < command-line flags.

The options themselves are in `gateway.options`. Unknown keys are errors, and all errors are told at once.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
import tomllib
from typing import TYPE_CHECKING, Any, Final, Literal, Self

from pydantic import BaseModel, Field, ValidationError, model_validator

from gateway.children_pool import MOST_BESIDE_A_WORKER, spare_cores
from gateway.options import (
    ApiKey,
    Cache,
    Challenges,
    Contexts,
    DecisionLog,
    Development,
    Did,
    Fetch,
    Limits,
    Log,
    Policies,
    Proof,
    Server,
    Status,
    Table,
    Tenant,
    Trust,
    VcApi,
)
from policies.model import RESERVED_SOURCES
from resolvers.fetch import FetchLimits
from resolvers.keys import from_jwk
from resolvers.problems import Invalid, Unavailable
from resolvers.trust_model import TrustSource, TrustSourceConfig

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PREFIX: Final = "LER_GATEWAY_"

_KUBERNETES = re.compile(r"LER_GATEWAY_(SERVICE_(HOST|PORT.*)|PORT(_.*)?)")
"""What Kubernetes puts into every pod beside a Service that is named `ler-gateway`; none is ours."""

_SHOWN_INPUT = 80
_OF_EVERY_KIND: Final = frozenset({"kind"})
"""Options of every trust source."""
_RANKS: Final = frozenset({"tier", "assurance"})
"""Options of those by which issuers can be told apart."""


class ConfigError(ValueError):
    """The configuration cannot be used; `errors` holds every reason, one line each."""

    def __init__(self, errors: tuple[str, ...]) -> None:
        """Keep `errors` and join them into one message."""
        super().__init__("\n".join(errors))
        self.errors = errors


class Config(Table):
    """Everything that an operator decides. Made by `load`."""

    environment: Literal["production", "development"] = "production"
    """`development` allows what is unsafe on the open internet; so it has to be asked for."""
    server: Server = Field(default_factory=Server)
    limits: Limits = Field(default_factory=Limits)
    cache: Cache = Field(default_factory=Cache)
    fetch: Fetch = Field(default_factory=Fetch)
    did: Did = Field(default_factory=Did)
    status: Status = Field(default_factory=Status)
    policies: Policies = Field(default_factory=Policies)
    decision_log: DecisionLog = Field(default_factory=DecisionLog)
    contexts: Contexts = Field(default_factory=Contexts)
    proof: Proof = Field(default_factory=Proof)
    vc_api: VcApi = Field(default_factory=VcApi)
    challenges: Challenges = Field(default_factory=Challenges)
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
    def children_processes(self) -> int:
        """How many processes beside each worker verify the records in a record of many."""
        given, workers = self.server.children_processes, self.server.workers
        if given is not None:
            return given // workers
        return min(MOST_BESIDE_A_WORKER, spare_cores(workers) // workers)

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
                "challenges": self.challenges.model_copy(
                    update={"folder": self.challenges.folder or self.cache.folder}
                ),
                "decision_log": self.decision_log.of_worker(index),
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
    errors += _trust_errors(config)
    if errors:
        raise ConfigError(tuple(errors))
    return config


def _trust_errors(config: Config) -> Iterator[str]:
    """Yield what the kind of each trust source lacks, or has no use for. Unknown kinds stop the start later."""
    if not config.trust:
        return
    # Only who configures trust sources pays for the import of their plugins.
    import resolvers.trust  # noqa: PLC0415 — only a configuration with trust sources needs the plugins
    from resolvers import registry  # noqa: PLC0415 — as above

    plugins = registry.scan(resolvers.trust, TrustSource, lambda plugin: (plugin.kind,))
    for name, table in config.trust.items():
        where, kind = f"trust.{name}", table.kind
        if name in RESERVED_SOURCES:
            yield f"{where}: policies mean the issuer's own domain by this id, which is asked without configuration"
        plugin = plugins.get(kind)
        if plugin is None:
            continue
        given = {field for field in table.model_fields_set if getattr(table, field) not in (None, "", {})}
        for field in sorted(plugin.needs - given):
            yield f"{where}.{field}: the kind {kind!r} cannot ask without it"
        ranks = given & _RANKS
        if plugin.ranked_by and ranks and plugin.ranked_by not in given:
            yield f"{where}.{min(ranks)}: without {plugin.ranked_by} anybody whom the list adds would have it"
        used = _OF_EVERY_KIND if plugin.ranked_by is None else _OF_EVERY_KIND | _RANKS
        for field in sorted(given - plugin.needs - plugin.takes - used):
            yield f"{where}.{field}: the kind {kind!r} has no use for it"
        yield from _unusable_values(where, table)


def _unusable_values(where: str, table: Trust) -> Iterator[str]:
    """Yield what could only fail when it is needed: bad keys, addresses without https, files that are not there."""
    keys_by_place = {f"{where}.key": table.key, **{f"{where}.keys.{of}": key for of, key in table.keys.items()}}
    for place, key in keys_by_place.items():
        try:
            if key is not None:
                from_jwk(key)
        except (Invalid, Unavailable) as bad:
            yield f"{place}: {bad.problem.detail}"
    for field in ("url", "anchor"):
        address = getattr(table, field)
        if address and not address.startswith("https://"):
            yield f"{where}.{field}: {address!r} is no https address"
    if table.anchor is not None and table.key is None:
        yield f"{where}.anchor: `key` has to be the key of that registry"
    if table.path is not None and not table.path.exists():
        yield f"{where}.path: there is nothing at {table.path}"


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
