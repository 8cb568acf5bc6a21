"""Open Badges 2 and CLR 1.0 in the one vocabulary, whole, and from any shape."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.formats import clr_1_hosted, open_badges_2_hosted
from gateway.model import Presented, Verified
from gateway.normalizers import clr_1, open_badges_2
from gateway.plugins import ProofTools
from tests.gateway.formats.open_badges import assertion, badge_class, clr, profile
from tests.gateway.normalizers.badge import ISSUER, unverified, verified
from tests.gateway.proving import NOW
from tests.internet import FakeInternet
from tests.resolvers.lookup import FakeLookup

if TYPE_CHECKING:
    from gateway.model import Proven, Secured
    from gateway.plugins import Format

URL = "https://a.example/x"
NAMES = (
    *("id", "type", "name", "badge", "issuer", "recipient", "identity", "hashed", "salt", "criteria", "alignment"),
    *("evidence", "artifacts", "endorsement", "claim", "image", "narrative", "achievement", "achievements", "results"),
    *("assertions", "learner", "publisher", "resultDescriptions", "associations", "@language", "level", "expires"),
    *("revoked", "issuedOn", "origin", "email", "signedAssertions", "verification", "verify", "url", "startsWith"),
)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from([URL, "", "x", "2026-01-01", "sha256$00", "hosted"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=20,
)
RECORDS = st.dictionaries(st.sampled_from(NAMES), ANY, max_size=8)
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def badge() -> dict[str, Any]:
    """Return a complete assertion, as the format puts it together."""
    inside = badge_class(
        issuer=profile(endorsement="https://badges.example/endorsements/3"),
        **{"@language": "es"},
        alignment=[
            {
                "targetName": "Weld",
                "targetUrl": "https://case.example/item",
                "targetFramework": "Welders",
                "targetCode": "W1",
                "targetDescription": "How to weld",
            },
            {"name": "Level 4", "url": "http://data.europa.eu/snb/eqf/4"},
        ],
        tags=["welding"],
    )
    return assertion(
        badge=inside,
        validFrom="2026-01-01T00:00:00Z",
        validUntil="2030-01-01T00:00:00Z",
        narrative="Welded well",
        evidence=[{"id": "https://badges.example/work", "narrative": "A joint"}, "https://badges.example/more"],
        endorsement={
            "id": "urn:uuid:e",
            "type": "Endorsement",
            "issuer": "https://other.example/issuer",
            "claim": {"id": "urn:uuid:c", "endorsementComment": "Good"},
        },
    )


def test_a_whole_badge() -> None:
    """Each member has its place, in the badge's language where it has one, and what has none is named."""
    record = open_badges_2.PLUGIN.normalize(verified(badge()))
    achievement = record.achievements[0]
    assert (record.name, record.description) == ({"es": "Welding"}, "Welded well")
    assert record.image == "https://badges.example/badge.png"
    assert (achievement["name"], achievement["criteria"]) == ({"es": "Welding"}, {"id": None, "narrative": "Weld."})
    assert achievement["alignments"][0] == {
        "targetName": "Weld",
        "targetCode": "W1",
        "targetFramework": "Welders",
        "targetType": None,
        "targetUrl": "https://case.example/item",
    }
    assert [level["url"] for level in achievement["educationalLevel"]] == ["http://data.europa.eu/snb/eqf/4"]
    assert achievement["verification"] == "verified"
    assert (record.dates["awarded"], record.dates["validUntil"]) == ("2026-01-01T00:00:00Z", "2030-01-01T00:00:00Z")
    assert [one["id"] for one in record.evidence] == ["https://badges.example/work", "https://badges.example/more"]
    assert [(one["id"], one["target"], one["comment"], one["result"]) for one in record.endorsements] == [
        ("urn:uuid:e", "urn:uuid:c", "Good", "indeterminate"),
        ("https://badges.example/endorsements/3", None, None, "indeterminate"),
    ]
    assert record.issuer["identifiers"] == [{"type": "emailAddress", "value": "guild@badges.example"}]
    assert set(record.unmapped) == {"/badge/alignment/0/targetDescription", "/badge/tags"}


def test_unproven_is_marked() -> None:
    """Of what could not be checked nobody stands behind any achievement."""
    found = [open_badges_2.PLUGIN.normalize(unverified(badge())), clr_1.PLUGIN.normalize(unverified(clr()))]
    assert [record.achievements[0]["verification"] for record in found] == ["none", "none"]


@given(RECORDS)
@QUICK
def test_T21_any_shape_is_read(document: dict[str, Any]) -> None:
    """Whatever an issuer vouches for is read as far as it goes."""
    for plugin in (open_badges_2.PLUGIN, clr_1.PLUGIN):
        plugin.normalize(Verified(document=document, issuer=ISSUER, format="open-badges-2", vcdm=None))


async def _prove(plugin: Format, secured: Secured, internet: FakeInternet) -> Proven:
    tools: Any = {"keys": None, "canonicalizer": None, "suites": {}, "as_of": NOW, "clock_skew": 60.0}
    return await plugin.verify(secured, ProofTools(**tools, lookup=FakeLookup(internet)))


@given(RECORDS, ANY)
@QUICK
def test_T21_any_hosted_answer_is_answered(document: dict[str, Any], other: Any) -> None:
    """Whatever a host says, a format answers with checks, and raises nothing."""
    internet = FakeInternet()
    internet.serve(URL, document if other is None else other)
    presented = Presented(content={**document, "verify": {"type": "hosted", "url": URL}})
    for plugin in (open_badges_2_hosted.PLUGIN, clr_1_hosted.PLUGIN):
        if plugin.recognize(presented):
            secured = plugin.parse(presented)
            assert plugin.structure is not None
            plugin.structure(secured)
            found = asyncio.run(_prove(plugin, secured, internet))
            assert (found.document is None) == (found.proof.outcome.value != "pass")
