"""Everything that `pipeline.verify` needs, wired once: plugins, caches, policies, limits."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import gateway.containers
import gateway.cryptosuites
import gateway.formats
import gateway.normalizers
import policies
import resolvers.did
import resolvers.status
import resolvers.trust
from gateway import telemetry
from gateway.canonical.rdf import canonicalizer
from gateway.children_pool import Ahead, ChildrenPool
from gateway.config import ConfigError
from gateway.model import Outcome, Presented, Secured, VerificationRequest, Verified, worst
from gateway.plugins import Canonicalizer, Container, Cryptosuite, Format, Normalizer, ProofTools
from gateway.policy_files import PolicyFiles
from gateway.proof import prove
from gateway.schema_worker import SchemaWorker
from gateway.status_list_token import verify_token
from gateway.structure import check_structure, type_names
from gateway.validity import check_validity
from policies.facts import digest
from resolvers import registry, strict_json
from resolvers.cache import DocumentCache
from resolvers.contexts import ContextStore
from resolvers.fetch import GuardedFetcher
from resolvers.freshness import RULES
from resolvers.model import Budget, DidMethod, Fetched, Kind, ListCredential, StatusMethod
from resolvers.problems import Invalid, Unavailable
from resolvers.request_lookup import HeldLookup, RequestLookup
from resolvers.resolution import Resolution
from resolvers.status_list import StatusList
from resolvers.token_status_list import TokenStatusList
from resolvers.trust_model import TrustSource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from contextlib import AbstractContextManager
    from types import ModuleType

    from gateway.config import Config
    from policies import Decision, Facts, Policy, PolicySet
    from resolvers.certificates import Certificate
    from resolvers.freshness import FreshnessRule
    from resolvers.model import Fetcher, Lookup, StatusQuestion
    from resolvers.trust_model import TrustSourceConfig

LIST_FETCHES: Final = 4
"""Look-ups for verifying one status list: its issuer's document, and the redirect of a moved one."""

LIST_SECONDS: Final = 5.0
"""Seconds for the same. The list outlives the request that first needs it, so it has a budget of its own."""

_NEEDED_OF_A_LIST: Final = "the status list is not an authentic, current credential of its issuer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """Plugins, caches, policies and limits. One for a process; made by `open`."""

    config: Config
    formats: Mapping[str, Format]
    """By media type."""
    recognizers: tuple[Format, ...]
    """Each format once, those first that are verified: no two recognize one input, and most of it is theirs."""
    containers: Mapping[str, Container]
    """By name."""
    suites: Mapping[str, Cryptosuite]
    normalizers: Mapping[str, Normalizer]
    did_methods: Mapping[str, DidMethod]
    status_methods: Mapping[str, StatusMethod]
    trust_sources: Mapping[str, TrustSource]
    trust_configured: Mapping[str, TrustSourceConfig]
    policy_files: PolicyFiles
    """The policies in force, which a reload replaces."""
    contexts: ContextStore
    canonicalizer: Canonicalizer
    fetcher: Fetcher
    cache: DocumentCache
    schemas: SchemaWorker
    """Validates against JSON Schemas."""
    children: ChildrenPool
    """Verifies the children of a record meanwhile, where cores are free."""
    clock: Callable[[], datetime]
    """The instant of a verification, in UTC."""
    observe: Callable[[str], AbstractContextManager[None]]
    """Times one step."""
    decide: Callable[[Policy, Facts], Decision] = policies.evaluate
    """Step 9. Where decisions are logged they carry the digest of their facts, which costs as much as the decision."""

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        config: Config,
        *,
        fetcher: Fetcher | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> AsyncIterator[Verifier]:
        """Yield a verifier for `config`, and free what it holds afterwards.

        Args:
            config: everything that the operator decides.
            fetcher: the door to the network; by default the guarded one.
            clock: the instant of a verification, and of the cache.

        Raises:
            PluginError, ContextFolderError, PolicyError: something that the service rests on is not in order.
        """
        trust_sources = registry.scan(resolvers.trust, TrustSource, lambda plugin: (plugin.kind,))
        configured = {source.id: source for source in config.trust_sources}
        unknown = {source.id: source.kind for source in configured.values() if source.kind not in trust_sources}
        if unknown:
            raise ConfigError(tuple(f"trust.{name}: there is no kind {kind!r}" for name, kind in unknown.items()))
        contexts = ContextStore.bundled(config.contexts.folder)
        async with AsyncExitStack() as stack:
            if fetcher is None:
                guarded = fetcher = _guarded_fetcher(config)
                stack.push_async_callback(guarded.close)
            cache = DocumentCache(
                fetcher,
                rules=_rules(config),
                max_bytes=config.cache.memory_bytes,
                accept={Kind.STATUS_LIST: refuse_older},
                on_event=telemetry.cache_event,
                clock=lambda: clock().timestamp(),
            )
            stack.push_async_callback(cache.close)
            canonical = canonicalizer(contexts, on_path=telemetry.canonicalized)
            stack.push_async_callback(canonical.close)
            schemas = SchemaWorker()
            stack.push_async_callback(schemas.close)
            children = ChildrenPool(
                config.children_processes, config.contexts.folder, on_passed=telemetry.passed_elsewhere
            )
            stack.push_async_callback(children.close)
            suites = registry.scan(gateway.cryptosuites, Cryptosuite, lambda plugin: (plugin.name,))
            for close in {suite.close for suite in suites.values() if suite.close is not None}:
                stack.push_async_callback(close)
            formats = registry.scan(gateway.formats, Format, lambda plugin: plugin.media_types)
            yield cls(
                config=config,
                formats=formats,
                recognizers=tuple(sorted(dict.fromkeys(formats.values()), key=lambda each: each.verdict != "verified")),
                containers=registry.scan(gateway.containers, Container, lambda plugin: (plugin.name,)),
                suites=suites,
                normalizers=registry.scan(gateway.normalizers, Normalizer, lambda plugin: plugin.types),
                did_methods=registry.scan(resolvers.did, DidMethod, lambda plugin: (plugin.name,)),
                status_methods=registry.scan(resolvers.status, StatusMethod, lambda plugin: (plugin.name,)),
                trust_sources=trust_sources,
                trust_configured=configured,
                policy_files=PolicyFiles(config, sources=frozenset(configured), clock=clock),
                contexts=contexts,
                canonicalizer=canonical,
                fetcher=fetcher,
                cache=cache,
                schemas=schemas,
                children=children,
                clock=clock,
                observe=telemetry.observe,
                decide=policies.evaluate if config.decision_log.folder is None else _decide_with_digest,
            )

    @property
    def policies(self) -> PolicySet:
        """The policies in force at this moment."""
        return self.policy_files.current.policies

    def request(
        self, credential: Mapping[str, Any] | str, *, policy: str | None = None, as_of: datetime | None = None
    ) -> VerificationRequest:
        """Return a request for a credential, by the policy of that id, within the configured limits.

        Raises:
            policies.UnknownPolicy, policies.NotInEffect: there is no such policy at that time.
        """
        return VerificationRequest(
            presented=Presented(content=credential),
            policy=None if policy is None else self.policies.get(policy, as_of or self.clock()),
            as_of=as_of,
            limits=self.config.limits.of_request,
        )

    def lookup(self, budget: Budget) -> Lookup:
        """Return the look-ups of one request, over the shared cache.

        What is cached is public, and fetched without credentials of any tenant: so tenants share it.
        """
        return RequestLookup(cache=self.cache, budget=budget)

    def resolution(self, lookup: Lookup) -> Resolution:
        """Return what resolves DIDs and finds keys, within the look-ups of one request."""
        return Resolution(self.did_methods, lookup, self.config.did.options)

    def proof_tools(
        self, lookup: Lookup, *, now: datetime, as_of: datetime, allow_unknown_contexts: bool = False
    ) -> ProofTools:
        """Return what the proof step of one request may use."""
        return ProofTools(
            keys=self.resolution(lookup),
            canonicalizer=self.canonicalizer,
            suites=self.suites,
            as_of=as_of,
            now=now,
            clock_skew=self.config.proof.clock_skew_seconds,
            allow_unknown_contexts=allow_unknown_contexts,
            named_contexts=lambda document: self.normalizer(document).contexts,
            lookup=lookup,
            anchors=self.anchors(),
        )

    def ahead(self, tools: ProofTools, budget: Budget) -> Ahead | None:
        """Return what other processes may do for a request; None where there are none."""
        if self.children.size == 0:
            return None
        return Ahead(self.children, self._held_keys, tools, budget.deadline)

    def _held_keys(self) -> Resolution:
        """Return what finds keys for which nothing has to be fetched."""
        return self.resolution(HeldLookup(cache=self.cache))

    def anchors(self) -> tuple[Certificate, ...]:
        """Return the X.509 authorities of all trust sources that have any; one that cannot be read has none."""
        found = (
            (plugin.anchors, source)
            for source in self.trust_configured.values()
            if (plugin := self.trust_sources.get(source.kind)) is not None
        )
        return tuple(anchor for anchors, source in found if anchors is not None for anchor in anchors(source))

    def format_of(self, presented: Presented) -> Format | None:
        """Return the one format that recognizes what was presented."""
        if isinstance(presented.content, (dict, str, bytes)):
            for plugin in self.recognizers:
                if plugin.recognize(presented):
                    return plugin
        return None

    def container_of(self, presented: Presented) -> Container | None:
        """Return the first container that recognizes what no format does."""
        return next((plugin for plugin in self.containers.values() if plugin.recognize(presented)), None)

    def recognize(self, presented: Presented, plugin: Format | None = None) -> Secured:
        """Parse what was presented, as the format that recognizes it does; `plugin` is that one, where it is known.

        Raises:
            Invalid: `not-a-credential`, or what the format finds wrong.
        """
        plugin = plugin or self.format_of(presented)
        if plugin is None:
            raise Invalid("not-a-credential", "no format that is known here recognizes this input", pointer="")
        return plugin.parse(presented)

    def normalizer(self, document: Mapping[str, Any]) -> Normalizer:
        """Return the normalizer of the document's first type that has one; there is one for all others."""
        for name in type_names(document):
            if name and name in self.normalizers:
                return self.normalizers[name]
        return self.normalizers[""]

    async def verify_list(self, url: str, fetched: Fetched, question: StatusQuestion | None = None) -> ListCredential:
        """Take a fetched status list through steps 1 to 4: it is a credential like any other, or a token.

        Args:
            url: where it was fetched.
            fetched: what was fetched.
            question: what is asked of a Token Status List; None of a list that is a credential.

        Raises:
            Invalid: it is no credential, or not authentic and current (`STATUS_VERIFICATION_ERROR`).
            Unavailable: that could not be found out.
        """
        if question is not None:
            return await verify_token(fetched, question, self._tools_of_a_list())
        verified = await self.verify_published(fetched, "STATUS_VERIFICATION_ERROR", _NEEDED_OF_A_LIST)
        return ListCredential(url=url, document=verified.document, issuer=verified.issuer)

    async def verify_published(self, fetched: Fetched, code: str, needed: str) -> Verified:
        """Take a fetched credential that others refer to through steps 1 to 4: a status list, or a schema.

        Raises:
            Invalid: it is no credential, or not authentic and current (`code`; `needed` says what it has to be).
            Unavailable: that could not be found out.
        """
        text = fetched.body.lstrip()
        content = strict_json.loads(text) if text.startswith(b"{") else _ascii(text)
        return await self._verify_other(Presented(content=content, media_type=fetched.media_type), code, needed)

    async def verify_evidence(self, credential: Mapping[str, Any]) -> Mapping[str, Any]:
        """Take a credential by which a trust source vouches through steps 1 to 4, and return what is proven.

        Raises:
            Invalid, Unavailable: `registry-defective`.
        """
        needed = "the trust source's statement is not an authentic, current credential of its issuer"
        return (await self._verify_other(Presented(content=credential), "registry-defective", needed)).document

    async def _verify_other(self, presented: Presented, code: str, needed: str) -> Verified:
        """Verify what is not the applicant's, within a budget of its own."""
        tools = self._tools_of_a_list()
        secured = self.recognize(presented)
        structure = check_structure(secured)
        proven, verified = await prove(secured, tools)
        checks = [structure, proven.data_loss, proven.proof, proven.issuer]
        if proven.structure is not None:
            checks.append(proven.structure)
        if verified is not None:
            checks.append(check_validity(verified, as_of=tools.as_of, clock_skew=tools.clock_skew))
        outcome = worst(check.outcome for check in checks)
        if verified is None or outcome is not Outcome.PASS:
            codes = sorted({problem.code for check in checks for problem in check.problems})
            fate = Invalid if outcome is Outcome.FAIL else Unavailable
            raise fate(code, f"{needed}: {', '.join(codes)}")
        return verified

    def _tools_of_a_list(self) -> ProofTools:
        now = self.clock()
        budget = Budget(fetches=LIST_FETCHES, deadline=time.monotonic() + LIST_SECONDS)
        return self.proof_tools(self.lookup(budget), now=now, as_of=now)

    def plugins(self) -> list[dict[str, str]]:
        """Return every plugin as {kind, name, file, verdict}, by kind and name: a row for each key that it has."""
        folders: tuple[tuple[str, ModuleType, Mapping[str, Any]], ...] = (
            ("format", gateway.formats, self.formats),
            ("container", gateway.containers, self.containers),
            ("cryptosuite", gateway.cryptosuites, self.suites),
            ("did", resolvers.did, self.did_methods),
            ("status", resolvers.status, self.status_methods),
            ("trust", resolvers.trust, self.trust_sources),
            ("normalizer", gateway.normalizers, self.normalizers),
        )
        return [
            {
                "kind": kind,
                "name": name or "*",
                "file": registry.file_of(package, plugin),
                "verdict": getattr(plugin, "verdict", "verified"),
            }
            for kind, package, found in folders
            for name, plugin in sorted(found.items())
        ]


def _decide_with_digest(policy: Policy, facts: Facts) -> Decision:
    return policies.evaluate(policy, facts, facts_digest=digest(facts))


def refuse_older(held: Any, loaded: Any) -> None:
    """Refuse a status list that was issued before the one held: replayed, it would undo a revocation (T14).

    Raises:
        Unavailable: `status-list-rolled-back`.
    """
    lists = (StatusList, TokenStatusList)
    if not isinstance(held, lists) or not isinstance(loaded, lists) or held.valid_from is None:
        return
    if loaded.valid_from is None or loaded.valid_from < held.valid_from:
        raise Unavailable("status-list-rolled-back", "the status list is older than one that was seen before")


def _ascii(text: bytes) -> str:
    try:
        return text.decode("ascii").strip()
    except UnicodeDecodeError:
        raise Invalid("response-malformed", "the status list is neither JSON nor a token") from None


def _rules(config: Config) -> Mapping[Kind, FreshnessRule]:
    stale = config.cache.did_max_stale
    own = {kind: replace(RULES[kind], if_error=stale) for kind in (Kind.DID_DOCUMENT, Kind.DID_LOG, Kind.JWKS)}
    return MappingProxyType({**RULES, **own})


def _guarded_fetcher(config: Config) -> GuardedFetcher:
    folder = config.cache.folder
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)  # rows on disk are believed: see resolvers._http_cache
    return GuardedFetcher(
        limits=config.fetch_limits,
        ports=config.fetch.ports,
        rules=_rules(config),
        cache_path=folder / "http.sqlite",
        development_hosts=config.development.hosts,
        on_egress=telemetry.egress_event,
    )
