"""Conditions over who presents the credential."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from policies.conditions.base import FAIL, PASS, UNKNOWN, Check, Condition, Demanded


@dataclass(frozen=True, slots=True)
class HolderBound(Demanded):
    """`holder_bound: true`: whoever presented the credential has shown that it is theirs."""

    key = "holder_bound"

    def compile(self) -> Check:
        """Read whether that was shown."""
        found = {
            None: (UNKNOWN, "It is not known whether the credential belongs to whoever presented it."),
            True: (PASS, "Whoever presented the credential has shown that it is theirs."),
            False: (FAIL, "Whoever presented the credential has not shown that it is theirs."),
        }
        return lambda facts: found[facts.holder_bound]


CONDITIONS: Final[tuple[type[Condition], ...]] = (HolderBound,)
