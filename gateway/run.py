"""One request under way: what its records share, and where each of them stands."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from gateway import credential_status, evidence
from gateway.conclusion import conclude
from gateway.model import Expected
from gateway.plugins import AUTHENTICATION, ContainerTools
from resolvers.model import Budget

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from gateway.children_pool import Ahead
    from gateway.holder import Presenter
    from gateway.model import Findings, Presented, VerificationRequest, VerificationResult
    from gateway.plugins import ProofTools
    from gateway.verifier import Verifier
    from policies import Policy
    from policies.model import Decision, Facts
    from resolvers.model import Lookup

MAX_DEPTH: Final = 4
"""Records within records: an archive holds a presentation, that a CLR, and that badges, which hold nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a record stands in what was presented."""

    pointer: str = ""
    """JSON Pointer of it; "" of the whole."""
    depth: int = 0
    """How many records and containers are around it."""
    embedded: bool = False
    """Whether a record or a presentation is around it: then it is a credential, and nothing is opened for it."""
    presenter: Presenter | None = None
    """What the presentation around it shows of whoever presents it."""
    fetched: bool = False
    """Whether it was fetched from an address that was presented."""
    refreshed: bool = False
    """Whether a refresh service sent it: then it is not refreshed again, and nothing around it vouches for it."""

    def inside(self, *, presenter: Presenter | None = None, embedded: bool = True) -> Place:
        """Return the place of what is inside the record that stands here."""
        return replace(self, depth=self.depth + 1, embedded=embedded, presenter=presenter)

    def at(self, pointer: str) -> Place:
        """Return the place of the one at `pointer`, which is relative to this."""
        return replace(self, pointer=self.pointer + pointer)


WHOLE: Final = Place()


@dataclass(slots=True, kw_only=True)
class Run:
    """What one request shares among the whole and the records in it."""

    verifier: Verifier
    request: VerificationRequest
    now: datetime
    as_of: datetime
    budget: Budget
    lookup: Lookup
    tools: ProofTools
    """What the proof step may use of an embedded credential, from which nothing is expected."""
    children_left: int
    octets_left: int
    """What may still come out of containers."""
    ahead: Ahead | None = None
    """What other processes verify of it meanwhile; None until they have begun with something."""

    @classmethod
    def start(cls, verifier: Verifier, request: VerificationRequest) -> Run:
        """Return the request with its budget, whose time begins now."""
        now = verifier.clock()
        as_of = request.as_of or now
        policy, limits = request.policy, request.limits
        budget = Budget(fetches=limits.fetches, deadline=time.monotonic() + limits.deadline)
        lookup = verifier.lookup(budget)
        unknown_contexts = policy is not None and policy.allow_unknown_contexts
        return cls(
            verifier=verifier,
            request=request,
            now=now,
            as_of=as_of,
            budget=budget,
            lookup=lookup,
            tools=verifier.proof_tools(lookup, now=now, as_of=as_of, allow_unknown_contexts=unknown_contexts),
            children_left=limits.max_children,
            octets_left=limits.max_bytes,
        )

    async def begin(self, children: Iterable[Any]) -> None:
        """Have records in a record verified by other processes meanwhile, where there are some and it pays."""
        if self.ahead is None:
            self.ahead = self.verifier.ahead(self.tools, self.budget)
        if self.ahead is not None:
            await self.ahead.begin(children)

    @property
    def lists(self) -> credential_status.StatusLists:
        """What reads status lists, no older than the policy asks."""
        policy = self.request.policy
        return credential_status.StatusLists(
            self.lookup,
            self.verifier.verify_list,
            None if policy is None else policy.max_age(),
            as_of=self.as_of,
            past=self.as_of if self.as_of < self.now else None,
        )

    @property
    def stale_within(self) -> float | None:
        """Seconds of age up to which the policy bears a status that could not be refreshed."""
        return None if self.request.policy is None else self.request.policy.stale_status_within

    @property
    def seconds_left(self) -> float:
        """Seconds until whatever is still open is indeterminate; not above 0 where that is now."""
        return self.budget.deadline - time.monotonic()

    def expected(self, place: Place) -> Expected | None:
        """Return what a holder's proof at `place` has to answer. Of what is embedded, the whole's own proof answers."""
        return None if place.embedded else self.request.expected

    def wants_holder(self, place: Place) -> bool:
        """Whether the caller wants a proof by whoever presents what stands there."""
        return not place.embedded and (self.request.expected is not None or self.request.require_presentation)

    def tools_for(self, place: Place, *, presentation: bool = False) -> ProofTools:
        """Return what the proof step may use there."""
        expected = self.expected(place)
        if presentation:
            policy = self.request.policy
            unsigned = policy is not None and policy.allow_unsigned_presentation
            return replace(
                self.tools,
                purpose=AUTHENTICATION,
                expected=expected,
                allow_unsigned_presentation=unsigned or self.request.allow_unsigned_presentation,
            )
        if expected is None and self.wants_holder(place):
            expected = Expected()  # a key binding, though it answers nobody in particular
        return self.tools if expected is None else replace(self.tools, expected=expected)

    def container_tools(self, place: Place) -> ContainerTools:
        """Return what a container may use, and how much may come out of it."""
        return ContainerTools(
            lookup=self.lookup, max_bytes=self.octets_left, max_records=self.children_left, fetched=place.fetched
        )

    def facts(self, findings: Findings) -> Facts:
        """Return what a policy may look at."""
        return evidence.facts(findings, self.as_of, self.tools.clock_skew)

    def rejects_already(self, policy: Policy | None, findings: Findings) -> bool:
        """Whether the policy rejects whatever may still be found out."""
        return policy is not None and evidence.rejects_already(policy, findings, self.as_of, self.tools.clock_skew)

    def decide(self, policy: Policy | None, findings: Findings) -> Decision | None:
        """Return what the policy decides about one credential."""
        return None if policy is None else self.verifier.decide(policy, self.facts(findings))

    def answer(
        self, presented: Presented, place: Place, policy: Policy | None, findings: Findings
    ) -> VerificationResult:
        """Sum up what was found about one credential, and let the policy decide about it."""
        return self.conclude(presented, place, findings, self.decide(policy, findings))

    def conclude(
        self, presented: Presented, place: Place, findings: Findings, decision: Decision | None
    ) -> VerificationResult:
        """Sum up what was found, with what was decided."""
        return conclude(
            findings,
            presented=presented,
            pointer=place.pointer,
            reference=None if place.pointer else self.request.reference,
            now=self.now,
            as_of=self.as_of,
            decision=decision,
        )
