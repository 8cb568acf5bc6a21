"""`status_list`: what a value means, and what is never read as valid."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import Any

import pytest

from resolvers import base64url
from resolvers.model import StatusEvidence, StatusState
from resolvers.problems import Invalid, Unavailable
from resolvers.status.token_status_list import PLUGIN
from tests.resolvers.status.lists import ISSUER, FakeAccess, question

URL = "https://issuer.example/statuslists/1"
ACTIVE, REVOKED, SUSPENDED, UNKNOWN = (
    StatusState.ACTIVE,
    StatusState.REVOKED,
    StatusState.SUSPENDED,
    StatusState.UNKNOWN,
)


def token(octets: bytes = b"\xe4", bits: int = 2, **members: Any) -> dict[str, Any]:
    """Return the claims of a verified list of the four statuses 0, 1, 2, 3."""
    return {
        "sub": URL,
        "iat": 1.7e9,
        "status_list": {"bits": bits, "lst": base64url.encode(zlib.compress(octets))},
        **members,
    }


async def read(index: Any = 0, uri: Any = URL, *, access: FakeAccess | None = None, **asked: Any) -> StatusEvidence:
    """Read the entry at `index` of the list, or of what `access` serves in its place."""
    entry = {"type": "status_list", "idx": index, "uri": uri}
    served = access or FakeAccess({URL: token()})
    return await PLUGIN.check(question(entry, pointer="/status/status_list", **asked), served)


def codes(evidence: StatusEvidence) -> list[str]:
    """Return the codes of what is doubtful."""
    return [problem.code for problem in evidence.problems]


@pytest.mark.parametrize(("index", "state"), [(0, ACTIVE), (1, REVOKED), (2, SUSPENDED)])
async def test_value_says_it_all(index: int, state: StatusState) -> None:
    """0 is valid, 1 invalid for good, 2 suspended; there is no purpose that a bit could be for."""
    found = await read(index)
    assert (found.state, found.value, found.purpose, codes(found)) == (state, index, "status", [])
    assert (found.list_url, found.list_issuer) == (URL, ISSUER)


async def test_value_without_a_meaning_is_never_active() -> None:
    """What an application may have defined is not known here, and says nothing good."""
    found = await read(3)
    assert (found.state, found.value, codes(found)) == (UNKNOWN, 3, ["unknown-status-type"])
    for value in range(3, 256, 17):
        found = await read(0, access=FakeAccess({URL: token(bytes([value]), 8)}))
        assert (found.state, codes(found)) == (UNKNOWN, ["unknown-status-type"])


async def test_T11_index_past_the_end_rejects() -> None:
    """No statement can be made, and the token is to be rejected: the entry itself is wrong."""
    found = await read(4)
    assert (found.state, found.malformed, codes(found)) == (UNKNOWN, True, ["RANGE_ERROR"])


@pytest.mark.parametrize("index", [-1, True, 0.0, "0", None, [0]], ids=str)
async def test_T11_index_is_an_integer_from_0(index: Any) -> None:
    """A malformed index leads nowhere."""
    access = FakeAccess({URL: token()})
    with pytest.raises(Invalid) as stopped:
        await read(index, access=access)
    assert (stopped.value.problem.code, access.requests) == ("MALFORMED_VALUE_ERROR", [])


@pytest.mark.parametrize("uri", [None, "", 5, [URL], {}], ids=str)
async def test_uri_is_a_text(uri: Any) -> None:
    """Neither does a malformed address."""
    access = FakeAccess({URL: token()})
    with pytest.raises(Invalid) as stopped:
        await read(0, uri, access=access)
    assert (stopped.value.problem.code, access.requests) == ("MALFORMED_VALUE_ERROR", [])


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (Unavailable("unreachable", "down"), "STATUS_RETRIEVAL_ERROR"),
        (Unavailable("deadline-exceeded", "late"), "deadline-exceeded"),
        (Invalid("CRYPTOGRAPHIC_SECURITY_ERROR", "forged"), "STATUS_VERIFICATION_ERROR"),
    ],
    ids=["unreachable", "late", "forged"],
)
async def test_T13_list_that_cannot_be_had_is_never_valid(failure: Invalid | Unavailable, code: str) -> None:
    """An outage leaves the status unknown, and so does a list that is not authentic."""
    found = await read(access=FakeAccess({URL: failure}))
    assert (found.state, codes(found)[0], found.malformed) == (UNKNOWN, code, False)


async def test_T12_list_of_another_issuer() -> None:
    """Its clear entry says nothing unless its issuer is accepted; its set one counts all the same."""
    other = "https://status.example"
    access = FakeAccess({URL: token(iss=other)})
    clear, revoked = await read(0, access=access), await read(1, access=access)
    assert (clear.state, codes(clear)) == (UNKNOWN, ["status-issuer-mismatch"])
    assert (revoked.state, codes(revoked)) == (REVOKED, ["status-issuer-mismatch"])
    accepted = await read(0, access=access, accepted_issuers=frozenset({other}))
    assert (accepted.state, codes(accepted)) == (ACTIVE, [])


async def test_short_list_is_not_too_short() -> None:
    """The specification sets no minimum, unlike Bitstring Status List."""
    found = await read(0, minimum_entries=131_072)
    assert (found.state, codes(found)) == (ACTIVE, [])


async def test_expired_token_is_not_asked_about() -> None:
    """Nobody learns that a token which has expired was looked at, and no answer could help it."""
    access = FakeAccess({URL: token()})
    found = await read(access=access, expired=True)
    assert (found.state, codes(found), access.requests) == (UNKNOWN, ["not-asked"], [])


@pytest.mark.parametrize(
    ("uri", "then"), [(URL, f"{URL}?time=1700000000"), (f"{URL}?a=1", f"{URL}?a=1&time=1700000000")]
)
async def test_past_is_asked_for_by_its_time(uri: str, then: str) -> None:
    """A question about the past is put as such, and never answered by the list of today."""
    at = datetime.fromtimestamp(1_700_000_000, UTC)
    access = FakeAccess({uri: token(b"\0"), then: token(b"\1")})
    found = await read(uri=uri, access=access, at=at)
    assert (found.state, access.requests) == (REVOKED, [then])


async def test_T57_address_that_names_the_entry_is_reported() -> None:
    """An address with the index in it tells its host whose status is asked for."""
    uri = "https://issuer.example/statuslists/1/4711"
    found = await read(4711, uri, access=FakeAccess({uri: token(bytes(2000))}))
    assert (found.state, codes(found)) == (ACTIVE, ["per-subject-url"])
