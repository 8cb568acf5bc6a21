"""Conditions over the issuer's own identifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from policies.conditions.base import FAIL, PASS, UNKNOWN, Among, Check, Condition, Found, either
from policies.model import ABSENT

if TYPE_CHECKING:
    from policies.model import Facts


@dataclass(frozen=True, slots=True)
class IssuerIs(Among):
    """`issuer_is: [id, …]`: the issuer's identifier is exactly one of these."""

    key = "issuer_is"
    early = True

    def compile(self) -> Check:
        """Compare identifiers as they are: no case folding, no look-alikes."""
        accepted = self.values
        passed = PASS, "The issuer is one of those that the policy names."
        failed = FAIL, "The issuer is none of those that the policy names."
        unknown = UNKNOWN, "It is not known who the issuer is."

        def check(facts: Facts) -> Found:
            if facts.issuer is None:
                return unknown
            return passed if facts.issuer in accepted else failed

        return check

    def describe(self) -> str:
        """Name the issuers."""
        return f"the issuer is {either(self.values)}"


@dataclass(frozen=True, slots=True)
class DidMethodIn(Among):
    """`did_method_in: [web, key, …]`: the issuer's identifier is a DID of one of these methods."""

    key = "did_method_in"
    early = True

    def compile(self) -> Check:
        """An issuer that is no DID fails."""
        accepted = self.values
        wanted = either(f"did:{method}" for method in accepted)
        absent = FAIL, f"The issuer's identifier is not a DID; {wanted} is needed."
        unknown = UNKNOWN, "It is not known what kind of identifier the issuer has."

        def check(facts: Facts) -> Found:
            method = facts.did_method
            if method is None:
                return unknown
            if method is ABSENT:
                return absent
            if method in accepted:
                return PASS, f"The issuer's identifier is a did:{method}."
            return FAIL, f"The issuer's identifier is a did:{method}; {wanted} is needed."

        return check

    def describe(self) -> str:
        """Name the methods."""
        return f"the issuer's identifier is a {either(f'did:{method}' for method in self.values)}"


CONDITIONS: Final[tuple[type[Condition], ...]] = (IssuerIs, DidMethodIn)
