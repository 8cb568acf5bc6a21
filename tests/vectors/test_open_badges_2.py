"""1EdTech's samples of Open Badges 2.0 have the verdicts that their names tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from gateway.model import CheckName, Outcome
from resolvers.model import StatusState
from tests.issuer import university
from tests.shared import SHARED, vector

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.issuer import University

pytestmark = pytest.mark.shared

FOLDER = "open-badges-2.0"
ROBOTICS = "https://example.org/beths-robotics-badge.json"
PASS, FAIL, INDETERMINATE = Outcome.PASS, Outcome.FAIL, Outcome.INDETERMINATE


@pytest_asyncio.fixture
async def place(tmp_path: Path) -> AsyncIterator[University]:
    """A verifier to which example.org is the samples' folder, by either scheme and with or without `.json`."""
    async with university(tmp_path) as made:
        for path in sorted((SHARED / "vectors" / FOLDER / "assets").glob("*.json")):
            body = path.read_bytes()
            for scheme in ("http", "https"):
                made.internet.serve(f"{scheme}://example.org/{path.name}", body)
                made.internet.serve(f"{scheme}://example.org/{path.stem}", body)
        yield made


async def hosted(place: University, document: dict[str, Any]) -> Any:
    """Return the result of an assertion that its own address serves."""
    place.internet.serve(document["id"], document)
    return await place.verify(document)


@pytest.mark.parametrize("name", ["basic-assertion", "basic-assertion-no-public-key", "basic-assertion-with-language"])
async def test_valid_hosted(place: University, name: str) -> None:
    """A hosted assertion is verified with a profile that lists a key, and with one that lists none."""
    result = await hosted(place, vector(f"{FOLDER}/{name}.json"))
    assert result.outcome is PASS
    assert result.format.name == "open-badges-2-hosted"
    assert [one.state for one in result.statuses] == [StatusState.ACTIVE]


async def test_language(place: University) -> None:
    """The texts of a badge class are in its language."""
    result = await hosted(place, vector(f"{FOLDER}/basic-assertion-with-language.json"))
    assert result.record.achievements[0]["name"] == {"es": "Insignia fantastica"}


async def test_expired(place: University) -> None:
    """An assertion whose `expires` has passed is authentic, and has expired."""
    result = await hosted(place, vector(f"{FOLDER}/basic-assertion-expired.json"))
    assert (result.outcome, result.authentic) == (FAIL, True)
    assert [problem.code for problem in result.check(CheckName.VALIDITY).problems] == ["expired"]


async def test_endorsements_are_listed(place: University) -> None:
    """Endorsements of the assertion and of its badge class are listed, and nothing in them is believed."""
    result = await hosted(place, vector(f"{FOLDER}/assertion-with-endorsements.json"))
    assert result.outcome is PASS
    listed = [(one["id"], one["result"], one["claimsUnverified"]) for one in result.record.endorsements]
    assert listed == [
        (f"https://example.org/endorsement-{number}.json", "indeterminate", True) for number in (1, 2, 3, 4)
    ]


async def test_signed(place: University) -> None:
    """A signed assertion is verified by the key that the profile lists, whatever its address serves."""
    token = (SHARED / "vectors" / FOLDER / "simple.jwt").read_text(encoding="ascii").strip()
    result = await place.verify(token)
    assert (result.outcome, result.format.name) == (PASS, "open-badges-2")
    assert result.issuer == "https://example.org/organization.json"
    assert [proof.alg for proof in result.proofs] == ["RS256"]
    assert ROBOTICS not in place.internet.requests


async def test_signed_revoked(place: University) -> None:
    """A signed assertion in the issuer's list is revoked, for the reason that stands there."""
    token = (SHARED / "vectors" / FOLDER / "simple-revoked.jwt").read_text(encoding="ascii").strip()
    result = await place.verify(token)
    assert (result.outcome, result.authentic) == (FAIL, True)
    assert [(one.state, one.message) for one in result.statuses] == [(StatusState.REVOKED, "A good reason, for sure")]


@pytest.mark.parametrize(
    ("badge", "expected"),
    [
        ("badgeclass1", FAIL),  # its profile is at an http address of another origin than the https assertion
        ("badgeclass-with-verification", PASS),
        ("badgeclass-with-verification-valid-starts-with", PASS),
        ("badgeclass-with-verification-valid-multiple-starts-with", PASS),
        ("badgeclass-with-verification-invalid-starts-with", FAIL),
        ("badgeclass-with-verification-invalid-multiple-starts-with", FAIL),
        ("badge-from-organization-with-revocation-list.json", PASS),
        ("badge-from-organization-with-empty-revocation-list.json", PASS),
        ("badgeclass-with-endorsements.json", PASS),
        ("badge-with-bad-issuer.json", FAIL),
        ("altbadgeurl.json", FAIL),  # calls itself robotics-badge.json
        ("badgecriteria.json", FAIL),  # no badge class
        ("organization.json", FAIL),  # a profile
    ],
)
async def test_badge_classes(place: University, badge: str, expected: Outcome) -> None:
    """Each badge class, with the profile that it names, gives the assertion of it the verdict in its name.

    The profiles with a scope call themselves by another address than the badge classes call them, which
    would be refused; here each is served under the name that it is called by.
    """
    scheme = "http" if badge.startswith(("badgeclass-with-verification", "badge-with-bad", "badgeclass1")) else "https"
    for path in (SHARED / "vectors" / FOLDER / "assets").glob("issuer-with-allowed-origins*.json"):
        address = f"http://example.org/{path.name}"
        place.internet.serve(address, {**vector(f"{FOLDER}/assets/{path.name}"), "id": address})
    assertion = {**vector(f"{FOLDER}/basic-assertion.json"), "badge": f"{scheme}://example.org/{badge}"}
    result = await hosted(place, assertion)
    assert result.outcome is expected


async def test_image_in_a_badge_class(place: University) -> None:
    """An image is read from an object or a data address, and who drew it is no part of the record."""
    badge = vector(f"{FOLDER}/assets/badgeclass-with-complex-image.json")
    inside = {**badge, "id": "https://example.org/complex", "issuer": "https://example.org/organization.json"}
    place.internet.serve("https://example.org/complex", inside)
    assertion = vector(f"{FOLDER}/basic-assertion.json")
    del assertion["image"]
    result = await hosted(place, {**assertion, "badge": "https://example.org/complex"})
    assert result.record.image == "http://example.org/beths-robot-badge.png"


async def test_invalid_profile_type(place: University) -> None:
    """What is no profile by its type issues nothing."""
    badge = {
        **vector(f"{FOLDER}/assets/robotics-badge.json"),
        "issuer": "http://example.org/issuer-invalid-type",
    }
    place.internet.serve(badge["id"], badge)
    result = await hosted(place, vector(f"{FOLDER}/basic-assertion.json"))
    assert [problem.code for problem in result.check(CheckName.ISSUER).problems] == ["issuer-profile-invalid"]
