"""The test data of RFC 8785."""

from __future__ import annotations

import json

import pytest

from gateway.canonical.jcs import canonicalize
from tests.shared import SHARED

pytestmark = pytest.mark.shared

FOLDER = SHARED / "vectors" / "jcs"
NAMES = sorted(path.stem for path in (FOLDER / "input").glob("*.json"))


def test_the_data_are_whole() -> None:
    """All six documents are there, so that none of the tests below is empty."""
    assert NAMES == ["arrays", "french", "structures", "unicode", "values", "weird"]


@pytest.mark.parametrize("name", NAMES)
def test_the_canonical_form_is_the_expected_one(name: str) -> None:
    """Each document has the canonical form that the RFC's author gives, byte for byte."""
    document = json.loads((FOLDER / "input" / f"{name}.json").read_bytes())
    expected = (FOLDER / "output" / f"{name}.json").read_bytes()
    assert expected == canonicalize(document)


@pytest.mark.parametrize("name", NAMES)
def test_the_bytes_are_the_expected_ones(name: str) -> None:
    """The same, against the bytes in hexadecimal."""
    document = json.loads((FOLDER / "input" / f"{name}.json").read_bytes())
    expected = bytes.fromhex((FOLDER / "outhex" / f"{name}.txt").read_text(encoding="ascii"))
    assert expected == canonicalize(document)
