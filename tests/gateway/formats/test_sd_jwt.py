"""SD-JWT by RFC 9901, section 7.1: a vector for each step, and the reference implementation's presentations."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.demo.issuer import Issuer
from gateway.formats import _jose, _sd_jwt
from resolvers import base64url, keys
from resolvers.problems import Invalid
from tests.gateway.formats.sd_jwt import FAMILY_NAME, SALT, claim, digest, disclosure, element, issue, joined
from tests.shared import SHARED

ISSUER = Issuer.did_key()
VECTORS = SHARED / "vectors" / "sd-jwt"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def processed(claims: dict[str, Any], *disclosures: str, **header: Any) -> dict[str, Any]:
    """Return the processed payload."""
    return dict(_sd_jwt.parse(issue(ISSUER, claims, disclosures, **header)).token.claims)


def refused(claims: dict[str, Any], *disclosures: str) -> tuple[str, str]:
    """Return the code and the detail for which a presentation is refused."""
    with pytest.raises(Invalid) as stopped:
        processed(claims, *disclosures)
    return stopped.value.problem.code, stopped.value.problem.detail


def wrong(claims: dict[str, Any], *disclosures: str) -> str:
    """Return why the disclosures of a presentation are refused."""
    code, detail = refused(claims, *disclosures)
    assert code == "disclosure-invalid"
    return detail


# Step 1: the parts


def test_parts_end_in_a_tilde_each() -> None:
    """`<JWT>~` has no disclosure; what follows the last tilde is a key binding JWT."""
    jwt = issue(ISSUER, {"a": 1}).removesuffix("~")
    for disclosures, key_binding in (([], ""), ([], "k.b.j"), ([FAMILY_NAME], ""), ([FAMILY_NAME], "k.b.j")):
        claims = {"_sd": [digest(FAMILY_NAME)]} if disclosures else {"a": 1}
        jwt = issue(ISSUER, claims).removesuffix("~")
        found = _sd_jwt.parse(joined(jwt, disclosures, key_binding))
        assert found.key_binding == (key_binding or None)
        assert found.covered == joined(jwt, disclosures).encode()


@pytest.mark.parametrize("text", ["", "~", "~~", "a.b~", "a.b.c", "a.b.c~"], ids=repr)
def test_other_texts_are_refused(text: str) -> None:
    """A JWT without a tilde is no SD-JWT, and neither is a tilde without a JWT."""
    with pytest.raises(Invalid) as stopped:
        _sd_jwt.parse(text)
    assert stopped.value.problem.code in ("token-malformed", "not-json", "not-utf8")


# Step 2 (d): the hash


@pytest.mark.parametrize("algorithm", ["sha-256", "sha-384", "sha-512"])
def test_hash_is_that_of_sd_alg(algorithm: str) -> None:
    """Digests are made with the hash that the payload names."""
    found = processed({"_sd_alg": algorithm, "_sd": [digest(FAMILY_NAME, algorithm.replace("-", ""))]}, FAMILY_NAME)
    assert found == {"family_name": "Mustermann"}


def test_hash_is_sha_256_where_none_is_named() -> None:
    """If the claim is absent, a default value of sha-256 is used."""
    assert processed({"_sd": [digest(FAMILY_NAME)]}, FAMILY_NAME) == {"family_name": "Mustermann"}
    assert (
        wrong({"_sd": [digest(FAMILY_NAME, "sha512")]}, FAMILY_NAME) == "a disclosure is not one that the issuer signed"
    )


@pytest.mark.parametrize("name", ["md5", "sha-1", "sha1", "sha256", "SHA-256", "sha-256-32", "none", "", None, 5, []])
def test_T46_unknown_sd_alg(name: Any) -> None:
    """A hash that is not understood, or not secure, is refused, whether anything is disclosed or not."""
    assert refused({"_sd_alg": name, "_sd": [digest(FAMILY_NAME)]}, FAMILY_NAME)[0] == "unsupported-algorithm"
    assert refused({"_sd_alg": name})[0] == "unsupported-algorithm"


# Step 3 (a): disclosures


@pytest.mark.parametrize(
    "text",
    [disclosure(SALT, "a"), disclosure(SALT, "a", 1)],
    ids=["element", "claim"],
)
def test_T30_disclosure_is_canonical_base64url(text: str) -> None:
    """Padding, and bits that say nothing, would let one disclosure be written in several ways."""
    for spoiled in (text + "=", text + "\n", " " + text, text + "é"):
        assert refused({"_sd": [digest(text)]}, spoiled)[0] in ("disclosure-invalid", "token-malformed")


@pytest.mark.parametrize(
    "members",
    [(), (SALT,), (SALT, "a", 1, 2), (5, "a", 1), (None, "a", 1), (SALT, 5, 1), (SALT, None, 1), ([SALT], "a")],
    ids=str,
)
def test_T46_disclosure_of_another_shape(members: tuple[Any, ...]) -> None:
    """It is an array of two or three, whose salt is a string and whose claim name is one."""
    text = disclosure(*members)
    assert wrong(
        {"_sd": [digest(text)], "list": [{"...": digest(text)}]} if not members else {"_sd": [digest(text)]}, text
    )


@pytest.mark.parametrize("raw", [b"{}", b'"x"', b"5", b"null", b'{"0": "s", "1": "a", "2": 1}'], ids=str)
def test_T46_disclosure_is_an_array(raw: bytes) -> None:
    """Any other JSON is refused."""
    text = base64url.encode(raw)
    assert wrong({"_sd": [digest(text)]}, text) == "a disclosure is not an array of two or three"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'["s", "a", {"b": 1, "b": 2}]', "duplicate-key"),
        (b'["s", "a", NaN]', "number-out-of-range"),
        (b'["s", "a", 1e400]', "number-out-of-range"),
        (b'["s", "a", "\\ud800"]', "lone-surrogate"),
        (b'["s", "a", "\xff"]', "not-utf8"),
        (b'["s", "a", 1', "not-json"),
        (b'["s", "a", ' + b"[" * 100 + b"]" * 100 + b"]", "too-deep"),
    ],
    ids=["duplicate", "NaN", "infinity", "surrogate", "utf-8", "cut off", "deep"],
)
def test_T22_disclosure_is_strict_json(raw: bytes, code: str) -> None:
    """What implementations read differently is refused in a disclosure as everywhere."""
    text = base64url.encode(raw)
    assert refused({"_sd": [digest(text)]}, text)[0] == code


def test_T45_disclosure_is_shown_once() -> None:
    """A holder does not send a disclosure more than once."""
    assert wrong({"_sd": [digest(FAMILY_NAME)]}, FAMILY_NAME, FAMILY_NAME) == "a disclosure is there twice"


def test_too_many_disclosures_are_refused() -> None:
    """Each of them costs a hash and a parse."""
    many = [claim(f"n{number}", number) for number in range(_sd_jwt.MAX_DISCLOSURES + 1)]
    claims = {"_sd": list(map(digest, many))}
    assert refused(claims, *many) == ("too-large", f"{len(many)} disclosures, of at most {len(many) - 1}")
    assert len(processed(claims, *many[1:])) == len(many) - 1


# Step 3 (b) and (c): digests


def test_claim_is_put_beside_its_digest() -> None:
    """At the level of the `_sd` that names it, whose other members stay what they are."""
    claims = {"a": {"b": 1, "_sd": [digest(FAMILY_NAME)]}, "family_name": "above"}
    assert processed(claims, FAMILY_NAME) == {"a": {"b": 1, "family_name": "Mustermann"}, "family_name": "above"}


def test_element_is_put_in_the_place_of_its_digest() -> None:
    """And the place of one that is not shown, or that is a decoy, is removed."""
    shown, hidden = element("DE"), element("FR")
    claims = {"list": ["US", {"...": digest(hidden)}, {"...": digest(shown)}, {"...": digest("decoy")}, {"x": 1}]}
    assert processed(claims, shown) == {"list": ["US", "DE", {"x": 1}]}


def test_decoys_say_nothing() -> None:
    """A digest without a disclosure is ignored, and an object of which nothing is left is an empty one."""
    assert processed({"a": {"_sd": [digest("decoy")]}, "_sd": ["no digest at all", ""]}) == {"a": {}}


def test_disclosures_may_hold_digests() -> None:
    """Recursively, in objects and in arrays, to where the innermost is shown."""
    inner = claim("c", 3)
    listed = element({"_sd": [digest(inner)], "d": 4})
    outer = claim("a", {"b": [{"...": digest(listed)}]})
    claims = {"_sd": [digest(outer)]}
    assert processed(claims, outer, listed, inner) == {"a": {"b": [{"d": 4, "c": 3}]}}
    assert processed(claims, outer) == {"a": {"b": []}}


def test_T46_disclosure_in_the_place_of_the_other_kind() -> None:
    """Three members where an array element is, or two where a claim is, are refused."""
    detail = "a claim is disclosed as an array element, or the reverse"
    assert wrong({"list": [{"...": digest(FAMILY_NAME)}]}, FAMILY_NAME) == detail
    text = element("DE")
    assert wrong({"_sd": [digest(text)]}, text) == detail


@pytest.mark.parametrize("name", ["_sd", "...", "_sd_alg"])
def test_T46_reserved_claim_name_is_disclosed(name: str) -> None:
    """Nobody may put digests, or another hash, where the issuer put none."""
    values: tuple[Any, ...] = ("x", [digest("x")], {"_sd": []})
    for value in values:
        text = claim(name, value)
        assert wrong({"_sd": [digest(text)]}, text) == "a disclosure has a reserved claim name"
        assert wrong({"a": {"_sd": [digest(text)]}}, text) == "a disclosure has a reserved claim name"


def test_T46_claim_collision() -> None:
    """A disclosed claim never takes the place of one that is there, signed or disclosed."""
    detail = "a disclosure names a claim that is there already"
    assert wrong({"family_name": "signed", "_sd": [digest(FAMILY_NAME)]}, FAMILY_NAME) == detail
    other = claim("family_name", "Other", "another salt")
    assert wrong({"_sd": [digest(FAMILY_NAME), digest(other)]}, FAMILY_NAME, other) == detail
    assert wrong({"family_name": None, "_sd": [digest(FAMILY_NAME)]}, FAMILY_NAME) == detail


@pytest.mark.parametrize("value", ["x", None, {}, 5, [5], [None], [["x"]], [{"...": "x"}]], ids=str)
def test_T46_sd_is_an_array_of_strings(value: Any) -> None:
    """It is the key of digests, and of nothing else."""
    assert wrong({"_sd": value}) == "_sd is not an array of strings"
    assert wrong({"a": [{"_sd": value}]}) == "_sd is not an array of strings"


@pytest.mark.parametrize("value", [{"...": 5}, {"...": None}, {"...": ["x"]}, {"...": "x", "a": 1}], ids=str)
def test_T46_place_of_an_element_holds_a_digest_alone(value: Any) -> None:
    """There are no other keys in the object, and its value is a string."""
    assert wrong({"a": [value]}) == "the place of an array element holds more than a digest"


@pytest.mark.parametrize(
    "claims", [{"...": "x"}, {"a": {"...": "x"}}, {"a": {"_sd_alg": "sha-256"}}, {"a": [{"_sd_alg": 5}]}], ids=str
)
def test_T46_reserved_name_in_the_payload(claims: dict[str, Any]) -> None:
    """`...` stands for array elements only, and `_sd_alg` at the top only."""
    assert wrong(claims) == "the payload uses a reserved claim name"


def test_reserved_names_are_gone() -> None:
    """The processed payload holds neither digests nor the name of their hash."""
    found = processed({"_sd_alg": "sha-256", "_sd": [digest("d")], "a": [{"...": digest("e")}], "b": {"_sd": []}})
    assert found == {"a": [], "b": {}}


# Step 4: digests that are there twice


@pytest.mark.parametrize("shown", [True, False], ids=["shown", "hidden"])
@pytest.mark.parametrize("where", ["same", "other", "array", "disclosed"])
def test_T46_duplicate_digest(where: str, shown: bool) -> None:  # noqa: FBT001 — a parameter of the test
    """One digest is there once, be it a decoy's, in the payload and in what is disclosed together."""
    text = element("x") if where == "array" else FAMILY_NAME
    one = digest(text)
    outer = claim("outer", {"_sd": [one]})
    cases: dict[str, dict[str, Any]] = {
        "same": {"_sd": [one, one]},
        "other": {"_sd": [one], "a": {"_sd": [one]}},
        "array": {"_sd": [one], "a": [{"...": one}]},
        "disclosed": {"_sd": [one, digest(outer)]},
    }
    disclosures = [text] * shown + [outer] * (where == "disclosed")
    assert wrong(cases[where], *disclosures) == "a digest is there twice"


# Step 5: disclosures that nothing refers to


def test_T45_unreferenced_disclosure() -> None:
    """A disclosure that the issuer did not sign is never dropped silently."""
    detail = "a disclosure is not one that the issuer signed"
    assert wrong({"a": 1}, FAMILY_NAME) == detail
    assert wrong({"_sd": [digest(FAMILY_NAME)]}, FAMILY_NAME, claim("role", "admin")) == detail


def test_T45_tampered_disclosure() -> None:
    """Another value, another name, another salt, another spelling of the same: none is what was signed."""
    spelt = base64url.encode(b'["2GLC42sKQveCfGfryNRN9w","family_name","Mustermann"]')
    assert json.loads(base64url.decode(spelt)) == json.loads(base64url.decode(FAMILY_NAME))
    for text in (
        claim("family_name", "X"),
        claim("name", "Mustermann"),
        claim("family_name", "Mustermann", "s"),
        spelt,
    ):
        assert wrong({"_sd": [digest(FAMILY_NAME)]}, text) == "a disclosure is not one that the issuer signed"


def test_T45_disclosure_of_a_hidden_disclosure() -> None:
    """What only a disclosure refers to that is not shown is refused too."""
    inner = claim("c", 3)
    outer = claim("a", {"_sd": [digest(inner)]})
    assert wrong({"_sd": [digest(outer)]}, inner) == "a disclosure is not one that the issuer signed"


def test_recursion_is_bounded() -> None:
    """A chain of disclosures is as deep as a document may be, and no deeper."""
    text = claim("end", 1)
    chain = [text]
    for _ in range(80):
        text = claim("n", {"_sd": [digest(text)]})
        chain.append(text)
    assert refused({"_sd": [digest(text)]}, *chain)[0] == "too-deep"
    assert processed({"_sd": [digest(chain[30])]}, *chain[:31])["n"]


# Step 6: claims that a holder must not choose


@pytest.mark.parametrize("name", sorted(_sd_jwt.NEVER_DISCLOSED))
def test_claim_of_authenticity_and_validity_is_signed_in_plain(name: str) -> None:
    """Section 9.7: whether it is shown is not for the holder to choose, neither whole nor in part."""
    text = claim(name, 1893456000)
    assert wrong({"_sd": [digest(text)]}, text) == f"the holder may choose what to show of {name}"
    parts: tuple[Any, ...] = ({"_sd": [digest("x")]}, [{"...": digest("x")}], {"a": [{"_sd": []}]})
    for hidden in parts:
        assert wrong({name: hidden}) == f"the holder may choose what to show of {name}"
    assert processed({"a": {"_sd": [digest(text)]}}, text) == {"a": {name: 1893456000}}


# JWS JSON serialization (section 8)


def as_json(text: str, place: str = "header", *, general: bool = False) -> dict[str, Any]:
    """Return an SD-JWT in JSON serialization, its disclosures in the unprotected header or beside the payload."""
    jwt, *disclosures, key_binding = text.split("~")
    protected, payload, signature = jwt.split(".")
    shown: dict[str, Any] = {"disclosures": disclosures, **({"kb_jwt": key_binding} if key_binding else {})}
    signed: dict[str, Any] = {"protected": protected, "signature": signature}
    document: dict[str, Any] = {"payload": payload}
    (signed if place == "header" else document).update({"header": shown} if place == "header" else shown)
    return document | ({"signatures": [signed]} if general else signed)


@pytest.mark.parametrize("general", [True, False], ids=["general", "flattened"])
@pytest.mark.parametrize("place", ["header", "top"])
def test_json_serialization_is_the_same(place: str, general: bool) -> None:  # noqa: FBT001 — a parameter of the test
    """Both forms say what the compact one says, and what a key binding covers is its compact form."""
    text = issue(ISSUER, {"_sd": [digest(FAMILY_NAME)]}, [FAMILY_NAME]) + "k.b.j"
    assert _sd_jwt.parse_json(as_json(text, place, general=general)) == _sd_jwt.parse(text)


@pytest.mark.parametrize(
    "change",
    [
        {"payload": 5},
        {"signatures": []},
        {"signatures": [{}, {}]},
        {"signatures": [5]},
        {"protected": None},
        {"header": []},
        {"header": {"disclosures": "x"}},
        {"header": {"disclosures": [], "kb_jwt": 5}},
        {"header": {"alg": "none"}},
        {"header": {"disclosures": []}, "disclosures": []},
    ],
    ids=str,
)
def test_malformed_json_serialization_is_refused(change: dict[str, Any]) -> None:
    """Neither several signatures, nor a header that nobody signed, say what is verified."""
    with pytest.raises(Invalid) as stopped:
        _sd_jwt.parse_json(as_json(issue(ISSUER, {"a": 1})) | change)
    assert stopped.value.problem.code == "token-malformed"


@given(JSON)
@settings(max_examples=60, deadline=None)
def test_payload_without_digests_is_left_as_it_is(value: Any) -> None:
    """What uses none of the reserved names comes out as it went in."""
    text = json.dumps(value)
    if not any(name in text for name in ('"_sd"', '"..."', '"_sd_alg"')):
        assert processed({"a": value}) == {"a": value}


# The reference implementation's presentations


def presentation(folder: Any) -> _sd_jwt.SdJwt:
    """Read a vector, whose lines are folded."""
    path = folder / "sd_jwt_presentation.txt"
    if path.exists():
        return _sd_jwt.parse(re.sub(r"\s", "", path.read_text(encoding="utf-8")))
    text = (folder / "sd_jwt_presentation.json").read_text(encoding="utf-8")
    return _sd_jwt.parse_json(json.loads(re.sub(r"\s", "", text)))


@pytest.mark.shared
@pytest.mark.parametrize("folder", sorted(VECTORS.glob("*/")), ids=lambda folder: folder.name)
def test_presentations_of_the_reference_implementation(folder: Any) -> None:
    """Each of the 17 verifies under the issuer's key, and comes to its verified contents."""
    found = presentation(folder)
    settings_ = (VECTORS / "settings.yml").read_text(encoding="utf-8")
    x, y = re.findall(r"x: (\S+)\s+y: (\S+)", settings_)[0]
    _jose.check_signature(found.token, keys.from_jwk({"kty": "EC", "crv": "P-256", "x": x, "y": y}), None)
    assert found.token.claims == json.loads((folder / "verified_contents.json").read_text(encoding="utf-8"))


@pytest.mark.shared
def test_there_are_17_of_them() -> None:
    """None is left out."""
    assert len(list(VECTORS.glob("*/verified_contents.json"))) == 17
