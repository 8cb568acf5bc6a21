"""The shape of presentations: VCDM 1.1, section 4.10, and 2.0, section 4.13."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.demo.issuer import CREDENTIALS_V2
from gateway.model import Outcome, Secured
from gateway.presentation import check_presentation, embedded_credentials, holder_of, record_of, types_of
from gateway.structure import check_structure, vcdm_version
from tests.gateway.proving import CREDENTIALS_V1, FORMATS, credential

CHILD = credential("did:example:issuer")
ENVELOPE = {"@context": CREDENTIALS_V2, "type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt,a.b.c"}


def document(**members: Any) -> dict[str, Any]:
    """Return a presentation; a member that is None is left out."""
    made = {"@context": [CREDENTIALS_V2], "type": ["VerifiablePresentation"], "holder": "did:example:me", **members}
    return {name: value for name, value in made.items() if value is not None}


def secured(given: dict[str, Any]) -> Secured:
    """Return a presentation as its format parses it."""
    format_ = FORMATS["data-integrity-presentation"]
    return Secured(format=format_, vcdm=vcdm_version(given), document=given, presentation=True)


def problems(given: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Return what is wrong with it."""
    check = check_presentation(secured(given))
    assert check.outcome is (Outcome.FAIL if check.problems else Outcome.PASS)
    return [(problem.code, problem.pointer) for problem in check.problems]


@pytest.mark.parametrize(
    "given",
    [
        document(),
        document(type="VerifiablePresentation"),
        document(holder=None),
        document(holder={"id": "did:example:me", "name": "Me"}),
        document(id="urn:uuid:3978344f-8596-4c3a-a978-8fcaba3903c5"),
        document(verifiableCredential=CHILD),
        document(verifiableCredential=[CHILD, ENVELOPE]),
        document(verifiableCredential=[]),
        document(type=["VerifiablePresentation", "CredentialManagerPresentation"]),
        document(**{"@context": CREDENTIALS_V1}, verifiableCredential=["a.b.c", CHILD]),
        document(**{"@context": [CREDENTIALS_V1]}, verifiableCredential="a.b.c"),
    ],
)
def test_a_presentation_of_either_version_is_well_formed(given: dict[str, Any]) -> None:
    """Holder and credentials are optional, and may be several."""
    assert problems(given) == []


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        (document(**{"@context": ["https://other.example"]}), "/@context"),
        (document(type=["VerifiableCredential"]), "/type"),
        (document(type=["VerifiablePresentation", "VerifiableCredential"]), "/type"),
        (document(type=["VerifiablePresentation", 7]), "/type"),
        (document(id="no url"), "/id"),
        (document(holder="me"), "/holder"),
        (document(holder={"name": "Me"}), "/holder"),
        (document(holder=["did:example:me"]), "/holder"),
        (document(holder={"id": "did:example:me"}, **{"@context": [CREDENTIALS_V1]}), "/holder"),
        (document(verifiableCredential="a.b.c"), "/verifiableCredential"),
        (document(verifiableCredential=[CHILD, "a.b.c"]), "/verifiableCredential/1"),
        (document(verifiableCredential=[CHILD, 7]), "/verifiableCredential/1"),
        (document(verifiableCredential=[None]), "/verifiableCredential/0"),
        (document(verifiableCredential=[{}]), "/verifiableCredential/0/type"),
        (document(verifiableCredential=[document()]), "/verifiableCredential/0/type"),
        (document(verifiableCredential=[{**ENVELOPE, "type": "EnvelopedVerifiablePresentation"}]), None),
        (document(verifiableCredential=[7], **{"@context": [CREDENTIALS_V1]}), "/verifiableCredential/0"),
    ],
)
def test_what_is_wrong_is_reported_where_it_stands(given: dict[str, Any], pointer: str | None) -> None:
    """Each member once."""
    assert problems(given) == [("MALFORMED_VALUE_ERROR", pointer or "/verifiableCredential/0/type")]


def test_T36_a_presentation_has_not_the_shape_of_a_credential() -> None:
    """Where a credential has to stand, not even one with every member of a credential does."""
    both = {**CHILD, **document(type=["VerifiableCredential", "VerifiablePresentation"])}
    assert check_structure(secured(both)).outcome is Outcome.FAIL


def test_what_a_presentation_says_itself() -> None:
    """Its id, its types and where its credentials are: the rest they say themselves."""
    record = record_of(document(id="urn:x:1", verifiableCredential=[CHILD, ENVELOPE]))
    assert (record.id, record.types) == ("urn:x:1", ("VerifiablePresentation",))
    assert record.children == (("/verifiableCredential/0", CHILD), ("/verifiableCredential/1", ENVELOPE))
    assert embedded_credentials(document(verifiableCredential=CHILD)) == (("/verifiableCredential", CHILD),)
    assert embedded_credentials(document()) == ()


@pytest.mark.parametrize("odd", [None, 7, [], {}, {"id": 7}, ["did:example:me"]])
def test_a_holder_or_type_of_another_shape_is_none(odd: Any) -> None:
    """Reading never raises."""
    assert holder_of({"holder": odd}) is None
    assert types_of({"type": odd}) == ({"did:example:me"} if isinstance(odd, list) and odd else frozenset())
