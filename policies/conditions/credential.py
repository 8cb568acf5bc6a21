"""Conditions over the credential itself: what it is, and how it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from policies.conditions.base import FAIL, PASS, UNKNOWN, Among, Check, Condition, Demanded, Found, Permission, either
from policies.model import ABSENT, State
from policies.shapes import Choice, Keys, Member, Text, Texts, Whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policies.model import Facts

MAX_ALIGNMENTS: Final = 100
IDENTIFIERS: Final = ("ctid", "id")


@dataclass(frozen=True, slots=True)
class TypeIn(Among):
    """`type_in: [OpenBadgeCredential, …]`: at least one of the credential's types is among these."""

    key = "type_in"
    early = True

    def compile(self) -> Check:
        """Look for a type in common."""
        accepted = self.values
        passed = PASS, "The credential is of an accepted type."
        failed = FAIL, f"The credential is not of type {either(accepted)}."
        unknown = UNKNOWN, "The credential's type is not known."

        def check(facts: Facts) -> Found:
            if facts.types is None:
                return unknown
            return failed if accepted.isdisjoint(facts.types) else passed

        return check

    def describe(self) -> str:
        """Name the types."""
        return f"the credential is of type {either(self.values)}"


@dataclass(frozen=True, slots=True)
class FormatIn(Among):
    """`format_in: [data-integrity, …]`: the credential is secured in one of these formats."""

    key = "format_in"
    early = True

    def compile(self) -> Check:
        """Compare the name of the format."""
        accepted = self.values
        unknown = UNKNOWN, "The credential's format is not known."

        def check(facts: Facts) -> Found:
            if facts.format is None:
                return unknown
            if facts.format in accepted:
                return PASS, f"The credential's format is {facts.format}."
            return FAIL, f"The credential's format is {facts.format}; {either(accepted)} is needed."

        return check

    def describe(self) -> str:
        """Name the formats."""
        return f"the credential is secured as {either(self.values)}"


@dataclass(frozen=True, slots=True)
class ProofSuiteIn(Among):
    """`proof_suite_in: [eddsa-rdfc-2022, …]`: every proof that verified is of one of these suites.

    Every one, since the strong proof of a pair may be a bystander's and the weak one the issuer's.
    """

    key = "proof_suite_in"
    early = True

    def compile(self) -> Check:
        """Look for a suite that is not accepted."""
        accepted = self.values
        none = FAIL, "The credential carries no digital signature that was verified."
        unknown = UNKNOWN, "It is not known how the credential is signed."

        def check(facts: Facts) -> Found:
            suites = facts.proof_suites
            if not suites:
                return unknown if suites is None else none
            other = [suite for suite in suites if suite not in accepted]
            if other:
                return FAIL, f"The credential is signed with {either(set(other))}; {either(accepted)} is needed."
            return PASS, f"The credential is signed with {suites[0] if len(suites) == 1 else either(set(suites))}."

        return check

    def describe(self) -> str:
        """Name the suites."""
        return f"the credential is signed with {either(self.values)} and nothing else"


@dataclass(frozen=True, slots=True)
class AchievementTypeIn(Among):
    """`achievement_type_in: [License, …]`: at least one achievement in it is of one of these types."""

    key = "achievement_type_in"

    def compile(self) -> Check:
        """Look for a type in common."""
        accepted = self.values
        failed = FAIL, f"The credential holds no achievement of type {either(accepted)}."
        unknown = UNKNOWN, "It is not known which kinds of achievement the credential holds."

        def check(facts: Facts) -> Found:
            if facts.achievement_types is None:
                return unknown
            held = accepted.intersection(facts.achievement_types)
            return (PASS, f"The credential holds an achievement of type {either(held)}.") if held else failed

        return check

    def describe(self) -> str:
        """Name the types."""
        return f"an achievement in it is of type {either(self.values)}"


@dataclass(frozen=True, slots=True)
class CredentialIn(Among):
    """`credential_in: {list: [id, …], by: ctid|id}`: an achievement in it is one of these.

    By `ctid`, as the Credential Registry names what it describes, or by the achievement's own `id`.
    It is the issuer who says which one it is; so another rule should say which issuers are believed.
    """

    key = "credential_in"
    shape = Keys(
        {
            "list": Member(Texts(), "Identifiers of achievements; the record has to hold one.", required=True),
            "by": Member(Choice(IDENTIFIERS), "Which identifier is compared; ctid where nothing is said."),
        }
    )
    by: str

    @classmethod
    def stated(cls, value: Any) -> Self:
        """Take the list, and what it lists."""
        return cls(value["list"], value.get("by", "ctid"))

    def compile(self) -> Check:
        """Look for an identifier of that kind in common."""
        accepted = frozenset((self.by, value) for value in self.values)
        passed = PASS, "The credential holds an achievement that the policy names."
        failed = FAIL, "The credential holds no achievement that the policy names."
        unknown = UNKNOWN, "It is not known which achievements the credential holds."

        def check(facts: Facts) -> Found:
            if facts.achievement_ids is None:
                return unknown
            return failed if accepted.isdisjoint(facts.achievement_ids) else passed

        return check

    def narrower_than(self, parent: Self) -> bool:
        """Whether it accepts nothing that `parent` does not."""
        return self.by == parent.by and self.values <= parent.values

    def terms(self) -> Any:
        """Return both members."""
        return {"list": sorted(self.values), "by": self.by}

    def describe(self) -> str:
        """Name what is accepted."""
        return f"an achievement in it has the {'CTID' if self.by == 'ctid' else self.by} {either(self.values)}"


@dataclass(frozen=True, slots=True)
class AlignedTo(Condition):
    """`aligned_to: {framework, at_least}`: so many of its alignments are to that framework."""

    key = "aligned_to"
    shape = Keys(
        {
            "framework": Member(Text(), "The framework, exactly as credentials name it.", required=True),
            "at_least": Member(Whole(MAX_ALIGNMENTS), "How many alignments are needed; 1 where nothing is said."),
        }
    )
    framework: str
    at_least: int = 1

    @classmethod
    def stated(cls, value: Mapping[str, Any]) -> Self:
        """Take the framework, and how many are needed."""
        return cls(value["framework"], value.get("at_least", 1))

    def compile(self) -> Check:
        """Count distinct alignments, so that repeating one does not help."""
        framework, least = self.framework, self.at_least
        unknown = UNKNOWN, "It is not known what the credential is aligned to."

        def check(facts: Facts) -> Found:
            if facts.alignments is None:
                return unknown
            count = len({target for named, target in facts.alignments if named == framework})
            found = f"{count} of the credential's alignments {'is' if count == 1 else 'are'} to {framework}"
            return (PASS, f"{found}.") if count >= least else (FAIL, f"{found}; {least} needed.")

        return check

    def narrower_than(self, parent: Self) -> bool:
        """Whether it asks for no fewer alignments to the same framework."""
        return self.framework == parent.framework and self.at_least >= parent.at_least

    def terms(self) -> dict[str, Any]:
        """Return both members."""
        return {"framework": self.framework, "at_least": self.at_least}

    def describe(self) -> str:
        """Name the framework."""
        count = "an alignment" if self.at_least == 1 else f"{self.at_least} alignments"
        return f"the credential has {count} to {self.framework}"


@dataclass(frozen=True, slots=True)
class SchemaValid(Demanded):
    """`schema_valid: true`: it names a schema and conforms to it."""

    key = "schema_valid"
    words = "the credential names a schema and conforms to it"

    def compile(self) -> Check:
        """A credential without a schema fails."""
        found = {
            State.PASS: (PASS, "The credential conforms to the schema that it names."),
            State.FAIL: (FAIL, "The credential does not conform to the schema that it names."),
            ABSENT: (FAIL, "The credential names no schema."),
        }
        unknown = UNKNOWN, "It is not known whether the credential conforms to its schema."

        def check(facts: Facts) -> Found:
            return unknown if facts.schema is None else found.get(facts.schema, unknown)

        return check


@dataclass(frozen=True, slots=True)
class NoInlineContext(Demanded):
    """`no_inline_context: true`: it defines no terms of its own."""

    key = "no_inline_context"
    words = "the credential uses published vocabularies only"

    def compile(self) -> Check:
        """Read whether there is one."""
        found = {
            None: (UNKNOWN, "It is not known whether the credential defines terms of its own."),
            False: (PASS, "The credential uses published vocabularies only."),
            True: (FAIL, "The credential defines terms of its own, which only its issuer can explain."),
        }
        return lambda facts: found[facts.inline_context]


@dataclass(frozen=True, slots=True)
class AllowUnknownContexts(Permission):
    """`allow_unknown_contexts: true`: a permission; `false` demands that every vocabulary is known.

    It acts before the rules: a token's unknown vocabulary then leaves `structure` a pass.
    """

    key = "allow_unknown_contexts"

    def compile(self) -> Check:
        """Say what is the case; where it is allowed, only not knowing is short of a pass."""
        known = PASS, "Every vocabulary that the credential uses is known here."
        unknown = UNKNOWN, "It is not known which vocabularies the credential uses."
        if self.allowed:
            other = PASS, "The credential uses a vocabulary that is not known here, which this policy allows."
        else:
            other = FAIL, "The credential uses a vocabulary that is not known here."
        found = {None: unknown, False: known, True: other}
        return lambda facts: found[facts.unknown_contexts]

    def describe(self) -> str:
        """Say what is permitted."""
        if self.allowed:
            return "a token may use a vocabulary that is not known here"
        return "every vocabulary that the credential uses is known here"


@dataclass(frozen=True, slots=True)
class Children(Among):
    """`children: all_current`: every record inside it is neither expired nor revoked."""

    key = "children"
    shape = Texts(Choice(("all_current",)))

    def compile(self) -> Check:
        """A credential without records inside it fails."""
        found = {
            None: (UNKNOWN, "It is not known whether every record inside this one is current."),
            ABSENT: (FAIL, "There is no record inside this one."),
            True: (PASS, "Every record inside this one is current."),
            False: (FAIL, "A record inside this one is expired, revoked or suspended."),
        }
        return lambda facts: found[facts.children_current]

    def describe(self) -> str:
        """Say it."""
        return "every record inside this one is neither expired nor revoked nor suspended"


CONDITIONS: Final[tuple[type[Condition], ...]] = (
    TypeIn,
    FormatIn,
    ProofSuiteIn,
    AchievementTypeIn,
    CredentialIn,
    AlignedTo,
    SchemaValid,
    NoInlineContext,
    AllowUnknownContexts,
    Children,
)
