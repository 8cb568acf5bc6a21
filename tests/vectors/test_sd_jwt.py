"""Every part that the reference implementation of SD-JWT writes down beside its 17 presentations."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from gateway.formats import _jose, _sd_jwt
from resolvers import base64url, keys
from resolvers.problems import Invalid
from tests.shared import SHARED

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.shared

FOLDERS = sorted((SHARED / "vectors" / "sd-jwt").glob("*/"))
_OF_THE_TOKEN = {"iss", "iat", "exp", "cnf", "_sd_alg"}


def read(folder: Path, name: str) -> str | None:
    """Return a file without the white space that folds it; None where the folder has none."""
    path = folder / name
    return re.sub(r"\s", "", path.read_text(encoding="utf-8")) if path.exists() else None


def unfolded(folder: Path, name: str) -> Any:
    """Return a JSON file as it is."""
    return json.loads((folder / name).read_text(encoding="utf-8"))


def issued(folder: Path) -> _sd_jwt.SdJwt:
    """Return what the issuer issued, in whichever serialization."""
    if text := read(folder, "sd_jwt_issuance.txt"):
        return _sd_jwt.parse(text)
    return _sd_jwt.parse_json(json.loads(read(folder, "sd_jwt_issuance.json") or ""))


def signed_claims(folder: Path) -> Any:
    """Return the claims of the token alone, digests and all."""
    if text := read(folder, "sd_jwt_jws_part.txt"):
        payload = text.split(".")[1]
    else:
        payload = json.loads(read(folder, "sd_jwt_jws_part.json") or "")["payload"]
    return json.loads(base64url.decode(payload))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_what_was_issued_shows_every_claim(folder: Path) -> None:
    """With all disclosures the claims are the user's own, and the token is the issuer's."""
    found = issued(folder)
    settings = (folder.parent / "settings.yml").read_text(encoding="utf-8")
    x, y = re.findall(r"x: (\S+)\s+y: (\S+)", settings)[0]
    _jose.check_signature(found.token, keys.from_jwk({"kty": "EC", "crv": "P-256", "x": x, "y": y}), None)
    shown = {name: value for name, value in found.token.claims.items() if name not in _OF_THE_TOKEN}
    assert unfolded(folder, "user_claims.json") == shown


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_token_alone_has_the_claims_that_are_written_down(folder: Path) -> None:
    """The payload that was signed is the one in the file, and read without disclosures it hides the rest."""
    assert unfolded(folder, "sd_jwt_payload.json") == signed_claims(folder)
    if token := read(folder, "sd_jwt_jws_part.txt"):
        found = _sd_jwt.parse(f"{token}~")
        assert not {"_sd", "...", "_sd_alg"} & set(found.token.claims)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_key_binding_is_read_and_stands_for_its_presentation_alone(folder: Path) -> None:
    """Header and claims are those in the files; on what was issued without it there is none."""
    text = read(folder, "kb_jwt_serialized.txt")
    assert (text is not None) == (folder / "kb_jwt_header.json").exists()
    if text is None:
        return
    header, payload, _ = text.split(".")
    assert json.loads(base64url.decode(header)) == unfolded(folder, "kb_jwt_header.json")
    assert json.loads(base64url.decode(payload)) == unfolded(folder, "kb_jwt_payload.json")
    assert issued(folder).key_binding is None
    if presented := read(folder, "sd_jwt_presentation.txt"):
        assert presented.endswith(f"~{text}")
        assert _sd_jwt.parse(presented).key_binding is not None
        with pytest.raises(Invalid):
            _sd_jwt.parse(presented.removesuffix(text) + "~" + text)
