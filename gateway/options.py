"""Every option of the service, by table of the configuration file.

Every limit is a named field whose docstring gives its unit and the reason of its default;
`deploy/gateway.toml` shows them all to operators.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path  # noqa: TC003 — pydantic reads the annotations at run time
from typing import Annotated, ClassVar, Literal, Self

import platformdirs
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr, model_validator

from gateway.model import RequestLimits
from resolvers.model import DidOptions
from resolvers.strict_json import MAX_DEPTH

Positive = Annotated[int, Field(gt=0)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Tier = Literal["sandbox", "community", "member"]
Port = Annotated[int, Field(ge=0, le=65535)]


class Table(BaseModel):
    """One table of the file: frozen, and closed to unknown keys."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Server(Table):
    """Where the service listens, and what a process bears."""

    host: str = "127.0.0.1"
    """Address to listen on. Loopback, since without tenants no key is asked."""
    port: Port = 8080
    """TCP port to listen on; 0 takes any free one."""
    workers: Positive = 1
    """Processes that share the port (SO_REUSEPORT). Limits per process are divided by it."""
    children_processes: Annotated[int, Field(ge=0)] | None = None
    """Processes beside the workers that verify the records in a record of many, each with 40 MB of memory;
    unset: one for each core that no worker uses, up to three a worker. 0 where cores are there, but a
    quota keeps the service from using them."""
    operations_host: str | None = None
    """Address of its own for /livez, /readyz and /metrics; unset: they are on the main one."""
    operations_port: Port = 9090
    """TCP port beside `operations_host`."""
    max_concurrent: Positive = 64
    """Verifications in flight at once, all workers together; the next one gets 503. A verification
    that waits for an origin costs memory, and 64 of them are as many as the fetcher can serve soon."""
    retry_after_seconds: Positive = 1
    """Seconds that a 503 asks the caller to wait: a verification is nearly always done within one."""
    max_json_depth: int = Field(default=MAX_DEPTH, gt=0, le=MAX_DEPTH)
    """Levels of nesting in a request body, at most 64. Real records have about 15; what reads them recurses."""
    body_seconds: Seconds = 10.0
    """Seconds within which a request body has to arrive, so that a slow sender holds nothing."""
    keep_alive_seconds: Seconds = 75.0
    """Seconds for which an idle connection is kept, above the 60 of common load balancers."""
    drain_notice_seconds: float = Field(default=1.0, ge=0)
    """Seconds between /readyz turning 503 and the listening socket's close, for load balancers to notice."""
    drain_seconds: Seconds = 20.0
    """Seconds that requests in flight get to end after SIGTERM: above any request's deadline, and
    below the 30 s after which container platforms kill."""


class Limits(Table):
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

    @property
    def of_request(self) -> RequestLimits:
        """What the pipeline has to keep to."""
        return RequestLimits(
            max_children=self.max_children, fetches=self.fetches_per_request, deadline=self.deadline_seconds
        )


class Cache(Table):
    """What is remembered of what was fetched."""

    folder: Path = Field(default_factory=lambda: platformdirs.user_cache_path("ler-gateway"))
    """Folder of the HTTP cache: one file a worker, never one that two processes share."""
    memory_bytes: Positive = 96 * 1024 * 1024
    """Bytes of parsed documents in memory, all workers together: some 40,000 issuers, with which a
    process stays below 200 MB."""
    disk_bytes: Positive = 1024 * 1024 * 1024
    """Bytes of the HTTP cache on disk, all workers together."""
    did_max_stale: float = Field(default=3600.0, ge=0)
    """Seconds for which a DID document past its freshness may serve while its origin is down.
    An hour bridges most outages, and bounds how long a rotated key is still believed."""


class Fetch(Table):
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
    did_log_bytes: Positive = 1024 * 1024
    """Bytes of a did:webvh log, or of its witnesses' proofs. An entry has 1 to 3 KiB, and the log only grows:
    monthly changes for thirty years."""
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


class UniversalResolver(Table):
    """Whom to ask about DID methods that are not resolved here. What it answers cannot be checked."""

    url: str | None = Field(default=None, pattern=r"^https://[!-~]+$")
    """Its base URL: `/1.0/identifiers/` and the DID are appended. Unset: nobody is asked."""
    methods: frozenset[Annotated[str, Field(pattern=r"^[a-z0-9]+$")]] = frozenset()
    """Names of the methods for which it is asked, such as `ion`; for no others."""


class Did(Table):
    """How DIDs are resolved."""

    without_chain: frozenset[Literal["ethr", "tz"]] = frozenset()
    """Methods whose documents are believed as they follow from the DID, although a blockchain that is not
    asked may have changed the key or closed the DID since: "ethr", "tz". Without it their proofs are
    indeterminate."""
    universal: UniversalResolver = Field(default_factory=UniversalResolver)

    @cached_property
    def options(self) -> DidOptions:
        """The same, as `resolvers.resolution` takes it."""
        return DidOptions(
            without_chain=frozenset(self.without_chain),
            universal_url=self.universal.url,
            universal_methods=self.universal.methods,
        )


class Status(Table):
    """How credential status is read."""

    minimum_entries: Positive = 131_072
    """Entries that a status list must have, so that it hides one holder among many (Bitstring Status List 1.0)."""
    accepted_issuers: frozenset[str] = frozenset()
    """Issuers of status lists that are believed for credentials of others. None: who issues
    somebody else's list could clear its revocations."""


class Policies(Table):
    """Where policies come from, beside the library in the package."""

    folders: tuple[Path, ...] = ()
    """Folders of policy files of the operator's own, and signed bundles of them (`*.zip`)."""
    bundle_keys: tuple[dict[str, str], ...] = ()
    """Public Ed25519 JWKs, pinned out of band, of whoever signs the bundles; two at once let a signer change over."""
    state_folder: Path | None = None
    """Folder in which is kept which revision of each bundle has been loaded, so that no restart goes back.
    Only bundles need it; unset: the user's state folder, such as ~/.local/state/ler-gateway."""
    reload_seconds: Seconds | None = None
    """Seconds between looks at whether a policy file has changed; unset: policies are read again on SIGHUP only."""

    @model_validator(mode="after")
    def _bundles_have_keys(self) -> Self:
        bundles = [path.name for path in self.folders if path.suffix == ".zip"]
        if bundles and not self.bundle_keys:
            message = f"bundle_keys: none is pinned, so {bundles[0]} cannot be verified"
            raise ValueError(message)
        if any("d" in key for key in self.bundle_keys):
            message = "bundle_keys: a private key does not belong here; take its public part"
            raise ValueError(message)
        return self


class DecisionLog(Table):
    """A record of every decision that cannot be changed unnoticed: digests, states of rules and reasons only."""

    folder: Path | None = None
    """Folder of the log, one chain of files a worker; unset: no decision is logged."""
    sync_seconds: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    """Seconds of decisions that a power cut may lose (a crash of the process loses none); 0 answers no
    request before its decision is on the disk."""
    segment_bytes: Positive = 64 * 1024 * 1024
    """Bytes after which the next file is begun: some 70,000 decisions, which a text tool still opens."""

    def of_worker(self, index: int) -> DecisionLog:
        """Return the same with a folder of its own for worker `index`: no two processes write one chain."""
        return self if self.folder is None else self.model_copy(update={"folder": self.folder / f"worker-{index}"})


class Contexts(Table):
    """JSON-LD contexts, beside those in the package."""

    folder: Path | None = None
    """Folder of further pinned contexts with their MANIFEST; contexts are never fetched."""


class Proof(Table):
    """How proofs are judged."""

    clock_skew_seconds: float = Field(default=60.0, ge=0, le=600)
    """Seconds by which an issuer's clock may be ahead of or behind ours: clocks kept by NTP stay far below."""


class VcApi(Table):
    """How `/credentials/verify` speaks the W3C VC API."""

    failure_status: Literal[200, 400] = 200
    """HTTP status of a credential that does not verify: 200 as the current draft says, 400 as the
    published test suites and older servers expect."""
    issuer_binding: Literal["require", "report"] = "require"
    """Whether a key that is not the issuer's fails `verified` here. `/v1/verify` always requires it."""


class Challenges(Table):
    """Challenges that `/challenges` issues to callers, each good for one presentation."""

    seconds: Seconds = 300.0
    """Seconds until one expires: a person finds the record in a wallet and consents within minutes."""
    most_open: Positive = 10_000
    """Challenges that one tenant may have open: some 30 a second, and 2 MB on disk."""
    folder: Path | None = None
    """Folder of the file that all workers keep them in; unset: that of the cache. Not on a network drive."""
    redis_url: SecretStr | None = None
    """A Redis instead of that file, for several machines: `rediss://user:password@host:6379/0`. Needs the
    extra `redis`."""


class Trust(Table):
    """One trust source, which policies name by its id."""

    kind: str
    """Which plugin of `resolvers/trust` asks it."""
    url: str = ""
    """Where it is; of a federation or a registry of DIDs its entity identifier."""
    key: dict[str, str] | None = None
    """The public JWK, pinned out of band, of whoever signs it."""
    tier: Tier | None = None
    """sandbox | community | member, where the source does not say it of itself."""
    assurance: Literal["AL1", "AL2", "AL3"] | None = None
    """AL1 | AL2 | AL3: how strictly the source checks whom it lists."""
    keys: dict[str, dict[str, str]] = Field(default_factory=dict)
    """The public JWKs, pinned out of band, of the registries in a list that sign, by entity identifier."""
    tiers: dict[str, Tier] = Field(default_factory=dict)
    """The tiers of the registries in a list, by address; where it is given, a registry without one has none."""
    path: Path | None = None
    """A file of X.509 authorities in PEM, or a folder of such files (`*.pem`, `*.crt`, `*.cer`)."""
    authority: str | None = None
    """In whose name a registry is asked (`authority_id` of the Trust Registry Query Protocol)."""
    action: str | None = None
    """What is asked about, where the policy does not say."""
    resource: str | None = None
    """What it is done with, where the policy does not say."""
    query: Literal["authorization", "recognition"] = "authorization"
    """Whether it is asked about what issuers may do, or about other authorities."""
    entity_type: str | None = None
    """The entity type that a member of the federation must have, beside being one."""
    any_trust_mark_issuer: bool = False
    """Whether a trust mark counts that the federation lets anyone issue."""
    anchor: str | None = None
    """The registry of DIDs that says which CTID an issuer has; `key` is its key."""
    entities: dict[str, str] = Field(default_factory=dict)
    """Which CTID an issuer has, by its identifier, where the operator has found that out."""


class Development(Table):
    """For tests and demonstrations only."""

    hosts: dict[str, str] = Field(default_factory=dict)
    """https host (or host:port) → loopback origin that stands for it. Refused in production, since
    it opens the guarded door to this machine."""


class ApiKey(Table):
    """One API key, of which only the hash is kept."""

    prefix: str = Field(pattern=r"^ler_[a-z2-7]{8}$")
    """The key's public part, by which it is found and named in the log."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the whole key, in hex. The key has 256 random bits, so no slow hash is needed."""
    expires: AwareDatetime
    """Instant from which it is refused. There is no key for ever: a lost one ends by itself."""


class Tenant(Table):
    """One organisation that uses the service."""

    keys: tuple[ApiKey, ...] = Field(min_length=1)
    """Its API keys; two at once let it change over."""
    policies: tuple[str, ...] = ()
    """Ids of the policies that it sees; `us-al/*` is a whole folder, `*` is every one."""
    default_policy: str | None = None
    """The policy of its requests that name none; unset: those get no decision."""
    metrics: bool = False
    """Whether its keys read /metrics, which counts all tenants together."""
    policy_admin: bool = False
    """Whether its keys may work on policies over HTTP: read the source of those that it sees, and lint, test,
    compare and simulate drafts. What is in force is changed by the operator alone."""
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


class Log(Table):
    """The log, JSON lines on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least level that is written."""
