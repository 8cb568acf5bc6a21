"""Problems carry the specifications' own codes, and two of three fates."""

from __future__ import annotations

import pytest

from resolvers.problems import TITLES, TYPES, Invalid, Problem, Unavailable


@pytest.mark.parametrize(
    ("code", "type_"),
    [
        ("PARSING_ERROR", "https://www.w3.org/TR/vc-data-model#PARSING_ERROR"),
        ("PROOF_VERIFICATION_ERROR", "https://w3id.org/security#PROOF_VERIFICATION_ERROR"),
        ("INVALID_VERIFICATION_METHOD", "https://w3id.org/security#INVALID_VERIFICATION_METHOD"),
        ("STATUS_RETRIEVAL_ERROR", "https://www.w3.org/ns/credentials/status-list#STATUS_RETRIEVAL_ERROR"),
        ("INVALID_DID", "https://www.w3.org/ns/did#INVALID_DID"),
        ("UNKNOWN_OPTION_PROVIDED", "https://www.w3.org/TR/vcalm#UNKNOWN_OPTION_PROVIDED"),
        ("unknown-context", "urn:ler-gateway:problem:unknown-context"),
    ],
)
def test_a_code_has_the_type_of_the_specification_that_names_it(code: str, type_: str) -> None:
    """What a specification names keeps its URL; what none names is in the project's own space."""
    assert Problem(code=code, detail="x").type == type_


def test_every_code_has_one_type_and_one_title() -> None:
    """The two tables speak of the same codes, and each title is a sentence."""
    assert TYPES.keys() == TITLES.keys()
    assert len(set(TYPES.values())) == len(TYPES)
    assert [title for title in TITLES.values() if not title.endswith(".")] == []


def test_a_code_that_is_not_in_the_table_is_a_defect() -> None:
    """Codes are stable, so none is made up on the way."""
    with pytest.raises(ValueError, match="made-up"):
        Problem(code="made-up", detail="x")


@pytest.mark.parametrize("fate", [Invalid, Unavailable])
def test_a_fate_carries_its_problem(fate: type[Invalid | Unavailable]) -> None:
    """What was found, and where, reaches whoever decides the check."""
    raised = fate("RANGE_ERROR", "too far", pointer="/x")
    assert raised.problem == Problem(code="RANGE_ERROR", detail="too far", pointer="/x")
    assert raised.problem.title == TITLES["RANGE_ERROR"]
