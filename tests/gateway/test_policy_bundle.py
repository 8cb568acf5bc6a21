"""Signed bundles: what is loaded is exactly what was signed, and nothing is read before that is known."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import struct
import warnings
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey

from gateway import policy_bundle
from gateway.policy_bundle import (
    MANIFEST,
    MAX_ARCHIVE,
    MAX_FACTS,
    MAX_FILES,
    MEDIA_TYPE,
    SIGNED_MANIFEST,
    Bundle,
    BundleError,
    built,
    new_key,
    opened,
    packed,
    signed,
    unsigned,
)
from policies.source import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

PRIVATE, PUBLIC = new_key()
OTHER_PRIVATE, OTHER_PUBLIC = new_key()
ISSUED = datetime(2026, 11, 23, tzinfo=UTC)
FILES = {"us-al/talent-triad.yaml": b"policy: us-al/talent-triad\n", "fixtures/good.json": b"{}"}
BUNDLE = built("us-al", 7, FILES, issued=ISSUED)


def archive(*files: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive of these files, in this order, whatever they are."""
    content = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of two of one name
        with zipfile.ZipFile(content, "w", compression) as file:
            for name, each in files:
                file.writestr(zipfile.ZipInfo(name), each, compression)
    return content.getvalue()


def manifest(of: Mapping[str, bytes] = FILES, **members: Any) -> bytes:
    """Return a manifest of files, with these members instead."""
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in of.items()}
    content = {"version": 1, "id": "us-al", "revision": 7, "issued": "2026-11-23T00:00:00Z", "files": digests}
    return json.dumps({**content, **members}, separators=(",", ":"), sort_keys=True).encode()


def token(payload: bytes, key: Any = None, **header: Any) -> bytes:
    """Return a compact JWS under our key."""
    key = OKPKey.import_key(dict(PRIVATE)) if key is None else key
    head = {"alg": "Ed25519", "typ": MEDIA_TYPE, **header}
    return jws.serialize_compact(head, payload, key, algorithms=[head["alg"]]).encode()


def refused(content: bytes, *keys: Mapping[str, Any]) -> str:
    """Open what must be refused, and return why."""
    with pytest.raises(BundleError) as caught:
        opened(content, keys or [PUBLIC])
    return str(caught.value)


class TestRoundTrip:
    """What is built and signed is what is opened."""

    def test_what_was_signed_is_opened(self) -> None:
        """With one of the pinned keys."""
        content = packed(BUNDLE, signed(BUNDLE, PRIVATE))

        assert opened(content, [OTHER_PUBLIC, PUBLIC]) == BUNDLE
        assert opened(content, [PUBLIC]).digest == hashlib.sha256(manifest()).hexdigest()

    def test_the_same_files_make_the_same_archive(self) -> None:
        """Whoever builds it again can compare."""
        again = built("us-al", 7, dict(reversed(FILES.items())), issued=ISSUED)

        assert packed(again, signed(again, PRIVATE)) == packed(BUNDLE, signed(BUNDLE, PRIVATE))

    def test_what_is_to_be_signed_is_opened_by_its_maker_alone(self) -> None:
        """No gateway loads it."""
        assert unsigned(packed(BUNDLE)) == BUNDLE
        assert refused(packed(BUNDLE)) == "it has no manifest.jws"

    def test_as_many_files_as_there_may_be(self) -> None:
        """The manifest is then half a megabyte, and its signature is checked all the same."""
        bundle = built("us-al", 7, {f"policy-{number}.yaml": b"x" for number in range(MAX_FILES)}, issued=ISSUED)

        assert opened(packed(bundle, signed(bundle, PRIVATE)), [PUBLIC]) == bundle

    def test_the_older_name_of_the_algorithm(self) -> None:
        """RFC 9864 calls it Ed25519, and most libraries still write EdDSA."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            older = token(manifest(), alg="EdDSA")

        assert opened(archive((SIGNED_MANIFEST, older), *FILES.items()), [PUBLIC]) == BUNDLE


class TestSignature:
    """Whose it is."""

    def test_no_key_and_another_key(self) -> None:
        """Nobody is believed who is not pinned."""
        content = packed(BUNDLE, signed(BUNDLE, OTHER_PRIVATE))

        assert refused(content) == "its signature does not verify under any key that is pinned here"
        with pytest.raises(BundleError, match="does not verify"):
            opened(content, [])

    def test_no_algorithm_but_one(self) -> None:
        """Neither `none`, nor a MAC with the public key as its secret, nor another curve."""
        none = b".".join((_base64({"alg": "none", "typ": MEDIA_TYPE}), _base64(manifest()), b""))
        mac = b".".join((_base64({"alg": "HS256", "typ": MEDIA_TYPE}), _base64(manifest()), _base64(b"x" * 32)))
        curve = token(manifest(), key=ECKey.generate_key("P-256"), alg="ES256")

        for each in (none, mac, curve):
            assert "does not verify" in refused(archive((SIGNED_MANIFEST, each), *FILES.items()))

    @pytest.mark.parametrize(
        "header",
        [{"typ": "ler-trust-list+jwt"}, {"crit": ["x"], "x": 1}, {"kid": "one"}, {"jwk": PUBLIC}, {"b64": True}],
    )
    def test_a_header_says_nothing_else(self, header: dict[str, Any]) -> None:
        """A JWS of another kind, and one that wants something of us, are no manifests."""
        if "crit" in header or "b64" in header:
            parts = token(manifest()).split(b".")
            made = b".".join((_base64({"alg": "Ed25519", "typ": MEDIA_TYPE, **header}), *parts[1:]))
        else:
            made = token(manifest(), **header)

        assert "is not a JWS of type" in refused(archive((SIGNED_MANIFEST, made), *FILES.items()))

    @pytest.mark.parametrize("text", [b"", b"a.b", b"\xff.a.b", b"e30.e30.e", b'{"payload": ""}'])
    def test_what_is_no_jws(self, text: bytes) -> None:
        """Nothing of it is read."""
        assert "manifest.jws is not" in refused(archive((SIGNED_MANIFEST, text), *FILES.items()))

    @pytest.mark.parametrize("key", [{}, {"kty": "OKP", "crv": "Ed25519"}, {"kty": "OKP", "crv": "X25519", "x": "AA"}])
    def test_a_pinned_key_that_is_none(self, key: dict[str, Any]) -> None:
        """It is a mistake of the operator, and believes nobody."""
        assert "Ed25519 JWK" in refused(packed(BUNDLE, signed(BUNDLE, PRIVATE)), key)

    def test_signing_takes_a_private_key(self) -> None:
        """The public one cannot."""
        with pytest.raises(BundleError, match="private key"):
            signed(BUNDLE, PUBLIC)


class TestFiles:
    """The archive holds exactly what was signed."""

    @pytest.mark.parametrize(
        "files",
        [
            [("us-al/talent-triad.yaml", b"policy: us-al/other\n"), ("fixtures/good.json", b"{}")],
            [("fixtures/good.json", b"{}")],
            [*FILES.items(), ("more.yaml", b"")],
            [*FILES.items(), ("fixtures/good.json", b"{}")],
            [*FILES.items(), (MANIFEST, b"{}")],
            [*FILES.items(), ("us-al/", b"")],
        ],
        ids=["changed", "missing", "added", "twice", "second-manifest", "folder"],
    )
    def test_a_file_too_many_too_few_or_another_one(self, files: list[tuple[str, bytes]]) -> None:
        """Whatever the signature says."""
        reason = refused(archive((SIGNED_MANIFEST, token(manifest())), *files))

        assert "exactly the files" in reason or "is not the file that was signed" in reason

    @pytest.mark.parametrize(
        "name",
        [
            "../escape.yaml", "/etc/escape.yaml", "a/../b.yaml", "a\\b.yaml", "C:/a.yaml", "./a.yaml", "a//b.yaml",
            ".hidden.yaml", "a/.hidden.yaml", "A.yaml", "a.exe", "a", "", "a.yaml\n", "ä.yaml", "manifest.json",
            "a/" * 8 + "a.yaml", "a" * 200 + ".yaml", "con\x00.yaml",
        ],
    )  # fmt: skip
    def test_a_path_leads_nowhere_else(self, name: str) -> None:
        """Nothing is unpacked; and whoever unpacks it by hand is safe."""
        files = {name: b""}

        assert "no name for a file" in refused(archive((SIGNED_MANIFEST, token(manifest(files))), *files.items()))
        with pytest.raises(BundleError, match="no name for a file"):
            built("us-al", 1, files)

    @pytest.mark.parametrize(
        "members",
        [
            {"version": 2}, {"more": 1}, {"id": "US"}, {"id": "../x"}, {"id": 1}, {"revision": 0}, {"revision": True},
            {"revision": "7"}, {"revision": 2**53}, {"issued": "yesterday"}, {"issued": None}, {"files": {}},
            {"files": []}, {"files": {"a.yaml": "0" * 63}}, {"files": {"a.yaml": None}},
            {"files": {f"{number}.yaml": "0" * 64 for number in range(MAX_FILES + 1)}},
        ],
    )  # fmt: skip
    def test_a_manifest_of_another_form(self, members: dict[str, Any]) -> None:
        """The format is closed."""
        assert refused(archive((SIGNED_MANIFEST, token(manifest(**members)))))

    def test_a_manifest_that_is_no_json_or_not_canonical(self) -> None:
        """A member that stands twice means two things; another notation has another digest."""
        twice = manifest().replace(b'"id":', b'"id":"us-al","id":')
        spaced = manifest().replace(b",", b", ")

        assert "not usable JSON: duplicate-key" in refused(archive((SIGNED_MANIFEST, token(twice)), *FILES.items()))
        assert "canonical form" in refused(archive((SIGNED_MANIFEST, token(spaced)), *FILES.items()))


class TestSizes:
    """Nothing is larger than it may be, however small it looks."""

    def test_an_archive_is_bounded_before_it_is_read(self) -> None:
        """By its bytes."""
        assert refused(b"PK" + b"\0" * MAX_ARCHIVE) == f"the archive has more than {MAX_ARCHIVE} bytes"

    def test_a_bomb_is_inflated_up_to_its_limit(self) -> None:
        """A policy has 64 KiB, facts have 256; a byte more is refused, and no more is read."""
        for name, limit in (("a.yaml", MAX_BYTES), ("a.json", MAX_FACTS)):
            files = {name: b"\0" * (limit + 1)}
            content = archive((SIGNED_MANIFEST, token(manifest(files))), *files.items())

            assert refused(content) == f"{name} has more than {limit} bytes"
            with pytest.raises(BundleError, match="more than"):
                built("us-al", 1, files)

    def test_all_files_together_are_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Not only each."""
        monkeypatch.setattr(policy_bundle, "MAX_UNPACKED", 100)
        files = {f"{number}.yaml": b"x" * 60 for number in range(2)}
        content = archive((SIGNED_MANIFEST, token(manifest(files))), *files.items())

        assert refused(content) == "1.yaml has more than 40 bytes"
        with pytest.raises(BundleError, match="more than 100 bytes together"):
            built("us-al", 1, files)

    def test_what_would_be_too_large_is_not_made(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Its maker hears of it, and not its readers."""
        monkeypatch.setattr(policy_bundle, "MAX_ARCHIVE", 100)

        with pytest.raises(BundleError, match="more than 100 bytes"):
            packed(BUNDLE)


class TestDamage:
    """What is damaged is refused as what it is."""

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"policy: x", b"\x1f\x8b" + b"\0" * 50])
    def test_what_is_no_archive(self, content: bytes) -> None:
        """By its first look."""
        assert refused(content) == "it is not a ZIP archive"

    def test_every_cut_and_every_flipped_byte_is_noticed(self) -> None:
        """No damaged archive is another bundle, and none raises anything else."""
        content = packed(BUNDLE, signed(BUNDLE, PRIVATE))

        for place in range(0, len(content), 7):
            for damaged in (content[:place], content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :]):
                try:
                    found: Bundle | None = opened(damaged, [PUBLIC])
                except BundleError:
                    found = None
                assert found in (None, BUNDLE)

    def test_another_compression(self) -> None:
        """Only what needs no further decompressor."""
        content = archive((SIGNED_MANIFEST, token(manifest())), *FILES.items(), compression=zipfile.ZIP_BZIP2)

        assert refused(content) == "manifest.jws is compressed in another way than deflate"

    def test_an_encrypted_file(self) -> None:
        """Nobody asks for a password."""
        content = bytearray(packed(BUNDLE, signed(BUNDLE, PRIVATE)))
        for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            place = content.index(mark)
            (flags,) = struct.unpack_from("<H", content, place + offset)
            struct.pack_into("<H", content, place + offset, flags | 1)

        assert refused(bytes(content)) == "manifest.jws cannot be read"


def _base64(content: Any) -> bytes:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=")
