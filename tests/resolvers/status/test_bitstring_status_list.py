"""`resolvers.status.bitstring_status_list`: the Validate Algorithm."""

from __future__ import annotations

import json
from typing import Any

import pytest

from resolvers.model import StatusEvidence, StatusState
from resolvers.problems import Invalid, Unavailable
from resolvers.status import bitstring_status_list, onedtech_revocation_list, status_list_2021
from tests.resolvers.status.lists import ENTRIES, ISSUER, URL, FakeAccess, bits, credential, encoded, question
from tests.shared import SHARED, vector

_OTHER = "did:web:lists.example"
_SET, _CLEAR = 94_567, 94_566


def _entry(index: object = str(_CLEAR), **members: Any) -> dict[str, Any]:
    return {
        "id": f"{URL}#{index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": index,
        "statusListCredential": URL,
        **members,
    }


def _messages(size: int) -> list[dict[str, str]]:
    return [{"status": hex(value), "message": f"message {value}"} for value in range(1 << size)]


async def _check(entry: dict[str, Any], document: Any = None, **asked: Any) -> StatusEvidence:
    found = credential(encoded(bits([_SET]))) if document is None else document
    return await bitstring_status_list.PLUGIN.check(question(entry, **asked), FakeAccess({URL: found}))


def _codes(evidence: StatusEvidence) -> list[str]:
    return [problem.code for problem in evidence.problems]


@pytest.mark.parametrize(("index", "state", "value"), [(_SET, StatusState.REVOKED, 1), (_CLEAR, StatusState.ACTIVE, 0)])
async def test_reads_the_bit_at_the_index(index: int, state: StatusState, value: int) -> None:
    """The bit at the entry's index, and no other, is its status; the evidence names list and issuer."""
    evidence = await _check(_entry(str(index)))

    assert (evidence.state, evidence.value, evidence.purpose) == (state, value, "revocation")
    assert (evidence.list_url, evidence.list_issuer) == (URL, ISSUER)
    assert evidence.source is not None
    assert evidence.problems == ()


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [
        ("revocation", StatusState.REVOKED),
        ("suspension", StatusState.SUSPENDED),
        ("refresh", StatusState.REFRESH),
        ("message", StatusState.MESSAGE),
    ],
)
async def test_set_bit_means_what_its_purpose_says(purpose: str, expected: StatusState) -> None:
    """Each of the four purposes of the specification has its own state, also in a list of several purposes."""
    document = credential(encoded(bits([_SET])), subject={"statusPurpose": [purpose, "other"]})

    evidence = await _check(_entry(str(_SET), statusPurpose=purpose), document)

    assert evidence.state is expected


async def test_set_bit_of_an_unknown_purpose_is_unknown() -> None:
    """Nobody here can say what it means that such a bit is set."""
    document = credential(encoded(bits([_SET])), subject={"statusPurpose": "graduation"})

    evidence = await _check(_entry(str(_SET), statusPurpose="graduation"), document)

    assert (evidence.state, _codes(evidence)) == (StatusState.UNKNOWN, ["unknown-status-type"])


@pytest.mark.parametrize(("index", "value"), [(0, 0b01), (1, 0b10), (2, 0b00), (3, 0b11), (1000, 0b00)])
async def test_entry_of_two_bits_with_its_message(index: int, value: int) -> None:
    """With statusSize 2 the index counts pairs of bits, and the message is the value's own."""
    document = credential(encoded(b"\x63" + bytes(32_767)), subject={"statusPurpose": "message"})
    entry = _entry(str(index), statusPurpose="message", statusSize=2, statusMessage=_messages(2))

    evidence = await _check(entry, document)

    assert (evidence.state, evidence.value) == (StatusState.MESSAGE, value)
    assert evidence.message == f"message {value}"


async def test_any_value_but_zero_revokes() -> None:
    """With statusSize 2 every value but 0 of a revocation entry is a revocation."""
    document = credential(encoded(b"\x20" + bytes(32_767)))
    entry = _entry("1", statusSize=2, statusMessage=_messages(2))

    assert (await _check(entry, document)).state is StatusState.REVOKED


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        *(
            ({"statusListIndex": index}, "/statusListIndex")
            for index in (7, -1, "-1", "1.0", "0x1", "", "1 ", "\u0661", None)
        ),
        ({"statusListIndex": "9" * 100}, "/statusListIndex"),
        *(({"statusSize": size}, "/statusSize") for size in (0, -1, 17, 2**53 - 1, "1", 1.0, True, None)),
        ({"statusSize": 2}, "/statusMessage"),
        ({"statusSize": 2, "statusMessage": _messages(1)}, "/statusMessage"),
        ({"statusSize": 1, "statusMessage": _messages(2)}, "/statusMessage"),
        ({"statusMessage": "revoked"}, "/statusMessage"),
        ({"statusMessage": [{"status": "0x0", "message": "a"}] * 2}, "/statusMessage"),
        ({"statusMessage": [{"status": "0x0", "message": "a"}, {"status": "0x2", "message": "b"}]}, "/statusMessage"),
        ({"statusMessage": [{"status": "0", "message": "a"}, {"status": "0x1", "message": "b"}]}, "/statusMessage/0"),
        ({"statusMessage": [{"status": "0x0", "message": "a"}, {"status": "0x1"}]}, "/statusMessage/1"),
        ({"statusMessage": ["a", "b"]}, "/statusMessage/0"),
        ({"statusPurpose": None}, "/statusPurpose"),
        ({"statusPurpose": ["revocation"]}, "/statusPurpose"),
        ({"statusPurpose": ""}, "/statusPurpose"),
        ({"statusListCredential": None}, "/statusListCredential"),
        ({"statusListCredential": {"id": URL}}, "/statusListCredential"),
    ],
)
async def test_T11_malformed_entry_is_refused_unfetched(change: dict[str, Any], pointer: str) -> None:
    """What is wrong with the entry is told with its place, and nothing is retrieved for it."""
    access = FakeAccess({URL: credential(encoded(bits()))})

    with pytest.raises(Invalid) as caught:
        await bitstring_status_list.PLUGIN.check(question(_entry(**change)), access)

    assert (caught.value.problem.code, caught.value.problem.pointer) == (
        "MALFORMED_VALUE_ERROR",
        f"/credentialStatus{pointer}",
    )
    assert access.requests == []


@pytest.mark.parametrize(
    ("entry", "document", "code"),
    [
        (_entry(), credential(encoded(bits()), subject={"statusPurpose": "suspension"}), "STATUS_VERIFICATION_ERROR"),
        (_entry(), credential(encoded(bits(entries=131_064))), "STATUS_LIST_LENGTH_ERROR"),
        (
            _entry(statusSize=2, statusMessage=_messages(2)),
            credential(encoded(bits(entries=2 * ENTRIES - 8))),
            "STATUS_LIST_LENGTH_ERROR",
        ),
        (_entry(str(ENTRIES)), credential(encoded(bits())), "RANGE_ERROR"),
        (_entry("9" * 64), credential(encoded(bits())), "RANGE_ERROR"),
        (_entry(), credential(encoded(bits()), subject={"ttl": "x"}), "status-list-defective"),
        (_entry(), credential(encoded(bits()), subject={"statusSize": 2}), "status-list-defective"),
        (_entry(), credential("garbage"), "STATUS_VERIFICATION_ERROR"),
        (_entry(), credential(encoded(bits()), type=["StatusList2021Credential"]), "STATUS_VERIFICATION_ERROR"),
        (_entry(), credential(encoded(bits()), id="https://issuer.example/status/4"), "status-list-defective"),
        (_entry(), credential(encoded(bits()), issuer=_OTHER), "status-issuer-mismatch"),
    ],
)
async def test_T11_clear_bit_of_a_defective_list_is_unknown(
    entry: dict[str, Any], document: dict[str, Any], code: str
) -> None:
    """Whatever is wrong with the list, its clear bits do not say that anything is active."""
    evidence = await _check(entry, document)

    assert evidence.state is StatusState.UNKNOWN
    assert _codes(evidence) == [code]


async def test_T11_minimum_is_configurable() -> None:
    """A shorter list passes where the operator says so, for one ecosystem."""
    document = credential(encoded(bits(entries=100_000)))

    assert (await _check(_entry(), document, minimum_entries=100_000)).state is StatusState.ACTIVE
    assert (await _check(_entry(), document, minimum_entries=100_001)).state is StatusState.UNKNOWN


@pytest.mark.parametrize(
    "members",
    [
        {"issuer": _OTHER},
        {"id": "https://issuer.example/status/4"},
        {"issuer": _OTHER, "id": "https://lists.example/1"},
        {"subject": {"ttl": "x"}},
    ],
)
async def test_T12_set_bit_always_counts(members: dict[str, Any]) -> None:
    """A revocation under a valid proof counts, whatever else is wrong, and what is wrong is told beside it."""
    evidence = await _check(_entry(str(_SET)), credential(encoded(bits([_SET], entries=100_000)), **members))

    assert evidence.state is StatusState.REVOKED
    assert "STATUS_LIST_LENGTH_ERROR" in _codes(evidence)
    assert len(evidence.problems) >= 2


@pytest.mark.parametrize(
    ("members", "codes"),
    [
        ({"issuer": _OTHER}, []),
        ({"issuer": _OTHER, "id": "https://lists.example/1"}, ["status-list-defective"]),
        ({"issuer": _OTHER, "id": None}, []),
    ],
)
async def test_T12_named_list_issuer_is_accepted(members: dict[str, Any], codes: list[str]) -> None:
    """A list issuer that the operator or the policy names may serve its list elsewhere, which is reported."""
    evidence = await _check(_entry(), credential(encoded(bits()), **members), accepted_issuers=frozenset({_OTHER}))

    assert (evidence.state, _codes(evidence)) == (StatusState.ACTIVE, codes)


@pytest.mark.parametrize("code", ["unreachable", "egress-refused", "response-too-large", "response-malformed"])
async def test_T13_list_that_cannot_be_had_is_unknown(code: str) -> None:
    """A 404, a timeout or garbage is a retrieval error with its cause, never "not revoked"."""
    evidence = await _check(_entry(), Unavailable(code, "gone"))

    assert (evidence.state, evidence.value) == (StatusState.UNKNOWN, None)
    assert _codes(evidence) == ["STATUS_RETRIEVAL_ERROR", code]


@pytest.mark.parametrize("code", ["deadline-exceeded", "fetch-budget-exceeded", "status-list-rolled-back", "not-asked"])
async def test_T13_other_reasons_keep_their_code(code: str) -> None:
    """What happened to the request, or to the list, is told as it is."""
    evidence = await _check(_entry(), Unavailable(code, "why"))

    assert (evidence.state, _codes(evidence)) == (StatusState.UNKNOWN, [code])


@pytest.mark.parametrize("code", ["no-proof", "PROOF_VERIFICATION_ERROR", "issuer-mismatch", "expired"])
async def test_T12_list_that_does_not_verify_is_unknown(code: str) -> None:
    """An unsigned or forged list says nothing, neither that a credential is active nor that it is not."""
    evidence = await _check(_entry(str(_SET)), Invalid(code, "bad"))

    assert evidence.state is StatusState.UNKNOWN
    assert _codes(evidence) == ["STATUS_VERIFICATION_ERROR", code]


async def test_T61_list_decoded_for_another_method_is_not_used() -> None:
    """The cache holds one decoding per URL; an unsigned list in it is never taken for a signed one."""
    unsigned = json.dumps({"revokedCredential": []}).encode()
    access = FakeAccess({URL: unsigned})
    await onedtech_revocation_list.PLUGIN.check(question({"id": URL}), access)

    for plugin in (bitstring_status_list.PLUGIN, status_list_2021.PLUGIN):
        evidence = await plugin.check(question(_entry()), access)
        assert (evidence.state, _codes(evidence)) == (StatusState.UNKNOWN, ["STATUS_VERIFICATION_ERROR"])


@pytest.mark.parametrize(
    ("url", "flagged"),
    [
        ("https://issuer.example/status/94567", True),
        ("https://issuer.example/status?index=94567", True),
        ("https://issuer.example/status/7f0c6d1e-6f4c-4a55-8a4c-0d9f5ad1f2a1", True),
        ("https://issuer.example/status?holder=someone%40example.org", True),
        ("https://issuer.example/status/3#94567", False),
        ("https://issuer.example/status/e5WK8CbZ1GjycuPombrj", False),
        ("https://issuer.example/status?resourceName=list&resourceType=BitstringStatusListCredential", False),
    ],
)
async def test_T57_address_that_names_one_person_is_reported(url: str, flagged: bool) -> None:  # noqa: FBT001 — parametrized; threat id
    """An address with the index, the credential's id or an e-mail tells the issuer who is looked up."""
    document = credential(encoded(bits([_SET])), id=url)
    entry = _entry(str(_SET), statusListCredential=url)

    evidence = await bitstring_status_list.PLUGIN.check(question(entry), FakeAccess({url: document}))

    assert evidence.state is StatusState.REVOKED
    assert _codes(evidence) == ["per-subject-url"] * flagged


_PUBLISHED = sorted(
    path.relative_to(SHARED / "vectors").as_posix()
    for path in (SHARED / "vectors" / "dcc" / "credentials-v1").rglob("*.json")
    if "Status-" in path.name.replace("noStatus", "") or "Staus" in path.name
)


@pytest.mark.shared
@pytest.mark.parametrize("path", _PUBLISHED)
async def test_published_credentials_have_the_status_in_their_name(path: str) -> None:
    """By the operator's leave a valid one is active, else unknown; a revoked one is revoked in either case."""
    document = vector(path)
    entry, issuer = document["credentialStatus"], document["issuer"]
    listed = vector("dcc/statusLists/e5WK8CbZ1GjycuPombrj")
    access = FakeAccess({entry["statusListCredential"]: listed})
    asked = {"issuer": issuer["id"], "credential_id": document.get("id")}
    leave = {"minimum_entries": 100_000, "accepted_issuers": frozenset({listed["issuer"]})}

    strict = await bitstring_status_list.PLUGIN.check(question(entry, **asked), access)
    lenient = await bitstring_status_list.PLUGIN.check(question(entry, **asked, **leave), access)

    if "revoked" in path:
        assert (strict.state, lenient.state) == (StatusState.REVOKED, StatusState.REVOKED)
    else:
        assert (strict.state, lenient.state) == (StatusState.UNKNOWN, StatusState.ACTIVE)
        assert set(_codes(strict)) == {"STATUS_LIST_LENGTH_ERROR", "status-issuer-mismatch", "status-list-defective"}


@pytest.mark.shared
def test_there_are_published_credentials_of_both_kinds() -> None:
    """The files that the test above goes through have not moved away."""
    assert sum("revoked" in path for path in _PUBLISHED) >= 6
    assert sum("valid" in path for path in _PUBLISHED) >= 6
