"""The seven interoperability principles for learning and employment records, as things that are measured here.

The principles are those of the Competency-Based Education Network's report "Interoperable Learning &
Employment Records" (C-BEN, April 2023), which AACRAO recommends to those who set such records up. What
each asks for is said in this project's own words; whether a gateway lives up to it is for its figures to
say, so each comes with the way in which it was computed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gateway import messages
from gateway.model import Outcome
from policies.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from prometheus_client import CollectorRegistry

    from gateway.stored import Stored

Samples = dict[str, dict[tuple[str, ...], float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """The running gateway, as far as the measures look at it."""

    plugins: Iterable[Mapping[str, str]]
    counts: Samples
    stored: Stored
    policies: Iterable[tuple[str, str | None]]
    """(id, jurisdiction) of those in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principle:
    """One principle, and how it is measured."""

    id: str
    name: str
    asks: str
    """What it asks for, in a sentence."""
    how: str
    """How its measure is computed."""
    measure: Callable[[Running], dict[str, Any]]
    """`value` is the figure (null before there is anything to compute it from); beside it what it rests on."""


def samples(registry: CollectorRegistry) -> Samples:
    """Return the counts by the name of their metric and the values of their labels, in the order of its labels."""
    found: Samples = {}
    for metric in registry.collect():
        for sample in metric.samples:
            if sample.name.endswith("_total") and metric.name.startswith("ler_gateway_"):
                labels = tuple(sample.labels[name] for name in sample.labels if name != "pid")
                by_labels = found.setdefault(metric.name, {})
                by_labels[labels] = by_labels.get(labels, 0.0) + sample.value
    return found


def _share(part: float, whole: float) -> float | None:
    return None if whole == 0 else round(part / whole, 4)


def _sum(counts: Mapping[tuple[str, ...], float], position: int, value: str) -> int:
    return int(sum(count for labels, count in counts.items() if labels[position] == value))


def _table(counts: Mapping[tuple[str, ...], float]) -> dict[str, dict[str, int]]:
    """Return counts of two labels as first → second → count."""
    table: dict[str, dict[str, int]] = {}
    for (first, second), number in sorted(counts.items()):
        table.setdefault(first, {})[second] = int(number)
    return table


def _open_standards(running: Running) -> dict[str, Any]:
    offered = Counter(plugin["verdict"] for plugin in running.plugins if plugin["kind"] == "format")
    return {
        "value": offered["verified"],
        "mediaTypes": dict(sorted(offered.items())),
        "seen": _table(running.counts.get("ler_gateway_records", {})),
    }


def _privacy(running: Running) -> dict[str, Any]:
    stored = running.stored
    fetched = running.counts.get("ler_gateway_egress", {})
    verified = sum(running.counts.get("ler_gateway_verifications", {}).values())
    kinds = sorted({kind for kind, _ in fetched})
    return {
        "value": stored.personal if not stored.unread and stored.complete else None,
        "filesLookedAt": stored.files,
        "entriesLookedAt": stored.entries,
        "filesNotRead": stored.unread,
        "complete": stored.complete,
        "personalMembersFound": stored.personal,
        "fetchesPerVerification": _share(sum(fetched.values()), verified),
        "fetchesByKind": {kind: _sum(fetched, 0, kind) for kind in kinds},
    }


def _learning_anywhere(running: Running) -> dict[str, Any]:
    counts = running.counts.get("ler_gateway_achievement_decisions", {})
    table = _table(counts)
    accepted = {
        kind: _share(verdicts.get(Verdict.ACCEPT.value, 0), sum(verdicts.values())) for kind, verdicts in table.items()
    }
    return {
        "value": sum(1 for verdicts in table.values() if verdicts.get(Verdict.ACCEPT.value)),
        "acceptedShare": accepted,
        "decisions": table,
    }


def _universal_access(running: Running) -> dict[str, Any]:
    counts = running.counts.get("ler_gateway_not_accepted", {})
    told, untold = _sum(counts, 0, "yes"), _sum(counts, 0, "no")
    return {
        "value": _share(told, told + untold),
        "notAccepted": told + untold,
        "withRemedy": told,
        "languages": sorted(messages.CATALOGUES),
    }


def _alignments(running: Running) -> dict[str, Any]:
    counts = running.counts.get("ler_gateway_alignments", {})
    yes, no = _sum(counts, 0, "yes"), _sum(counts, 0, "no")
    return {"value": _share(yes, yes + no), "alignments": yes + no, "resolvable": yes}


def _partnerships(running: Running) -> dict[str, Any]:
    counts = running.counts.get("ler_gateway_decisions_named", {})
    yes, no = _sum(counts, 0, "yes"), _sum(counts, 0, "no")
    places = Counter(place or "none" for _, place in running.policies)
    return {
        "value": _share(yes, yes + no),
        "decisions": yes + no,
        "naming": yes,
        "policiesByJurisdiction": dict(sorted(places.items())),
    }


def _mobility(running: Running) -> dict[str, Any]:
    counts = running.counts.get("ler_gateway_issuer_countries", {})
    passed = Outcome.PASS.value
    by_country = {
        country: {outcome: int(number) for (place, outcome), number in sorted(counts.items()) if place == country}
        for country in ("us", "other", "unknown")
    }
    return {"value": by_country["other"].get(passed, 0), "records": by_country}


PRINCIPLES: Final = (
    Principle(
        id="open-standards",
        name="Open standards",
        asks="Records are written in published formats, so that they pass between people, schools and employers.",
        how="The number of media types that are verified here, from the table of plugins; beside it the records "
        "that were presented, by format and outcome.",
        measure=_open_standards,
    ),
    Principle(
        id="privacy-and-security",
        name="Privacy and security",
        asks="What is known of a person is protected, which is what trust in records rests on.",
        how="The number of members about a person that are found in the files that the gateway has written, which "
        "are opened and read for this answer; null where not all could be read. Beside it the look-ups that left the "
        "process, by kind, for each verification: each tells somebody that a record of theirs is being checked.",
        measure=_privacy,
    ),
    Principle(
        id="unlock-learning-anywhere",
        name="Unlock learning anywhere",
        asks="All learning counts, wherever it took place, if it can be validated.",
        how="The number of types of achievement (Open Badges 3.0) of which at least one record was accepted; beside "
        "it the share accepted, by type. A record of several types counts once for each.",
        measure=_learning_anywhere,
    ),
    Principle(
        id="universal-access",
        name="Universal access",
        asks="Everybody can hold, understand and use their records.",
        how="The share of the decisions against a record in which every rule that decided so says what the applicant "
        "can do; beside it the languages of those sentences. Presenting a record needs no account.",
        measure=_universal_access,
    ),
    Principle(
        id="alignment",
        name="Alignment",
        asks="Employers, states and agencies mean the same by the same skill.",
        how="The share of the alignments in authentic records that name their target so that a machine can look it "
        "up, by an https URL or a CTID. Whether it is there is not asked.",
        measure=_alignments,
    ),
    Principle(
        id="public-private-partnerships",
        name="Public and private partnerships creating public good",
        asks="Public rules and private providers work together in the open.",
        how="The share of decisions that name the policy with its version and digest, and of each rule the policy "
        "that states it; beside it the policies in force, by jurisdiction.",
        measure=_partnerships,
    ),
    Principle(
        id="global-mobility",
        name="Global mobility",
        asks="Records hold their worth across borders.",
        how="The number of verified records whose issuer is outside of the United States: by the issuer's address in "
        "the record, else by its country's top-level domain. Those of which neither tells are `unknown`, and not "
        "counted.",
        measure=_mobility,
    ),
)


def measured(running: Running) -> list[dict[str, Any]]:
    """Return each principle with its measure, as JSON."""
    return [
        {
            "id": principle.id,
            "name": principle.name,
            "asks": principle.asks,
            "measure": principle.measure(running),
            "how": principle.how,
        }
        for principle in PRINCIPLES
    ]
