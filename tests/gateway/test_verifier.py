"""What a verification needs, wired: plugins by their keys, sources that exist, lists that only grow newer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.config import ConfigError, load
from gateway.demo.issuer import Issuer
from gateway.verifier import Verifier, refuse_older
from policies import UnknownPolicy
from resolvers.model import Kind, ListCredential
from resolvers.problems import Unavailable
from resolvers.status_list import StatusList, decode
from tests.internet import FakeInternet
from tests.issuer import STATUS_LIST, university

if TYPE_CHECKING:
    from pathlib import Path


def status_list(valid_from: str | None) -> StatusList:
    """Return a decoded list of that date."""
    document = Issuer.did_key().status_list(STATUS_LIST)
    document = {name: value for name, value in document.items() if name != "validFrom"}
    if valid_from is not None:
        document["validFrom"] = valid_from
    return decode(ListCredential(url=STATUS_LIST, document=document, issuer=document["issuer"])).value


async def test_plugins_are_listed_by_the_specifications_own_identifiers(tmp_path: Path) -> None:
    """Every plugin has a row for each of its keys, with the file that it is."""
    async with university(tmp_path) as uni:
        rows = {(row["kind"], row["name"]): (row["file"], row["verdict"]) for row in uni.verifier.plugins()}
    assert rows["did", "web"] == ("resolvers/did/web.py", "verified")
    assert rows["cryptosuite", "eddsa-rdfc-2022"] == ("gateway/cryptosuites/eddsa_rdfc_2022.py", "verified")
    assert rows["format", "application/vc+jwt"] == ("gateway/formats/vcdm2_jose.py", "verified")
    assert rows["status", "1EdTechRevocationList"] == ("resolvers/status/onedtech_revocation_list.py", "verified")
    assert rows["normalizer", "ClrCredential"] == ("gateway/normalizers/clr_2.py", "verified")
    assert rows["trust", "signed_list"] == ("resolvers/trust/signed_list.py", "verified")


async def test_a_trust_source_of_an_unknown_kind_stops_the_start(tmp_path: Path) -> None:
    """A source that nothing can ask would be unknown for ever, so the configuration is refused."""
    config = load(flags={"cache.folder": tmp_path, "trust": {"x": {"kind": "oracle", "url": "https://x.example"}}})
    with pytest.raises(ConfigError, match=r"trust\.x: there is no kind 'oracle'"):
        async with Verifier.open(config, fetcher=FakeInternet()):
            pass


async def test_without_a_fetcher_the_guarded_door_is_opened_and_closed(tmp_path: Path) -> None:
    """The default door keeps its cache in the configured folder, which nobody else may read."""
    folder = tmp_path / "cache"
    async with Verifier.open(load(flags={"cache.folder": folder})) as verifier:
        assert folder.stat().st_mode & 0o077 == 0
    with pytest.raises(Unavailable) as closed:
        await verifier.fetcher.get("https://issuer.example/did.json", kind=Kind.DID_DOCUMENT)
    assert closed.value.problem.code == "overloaded"


async def test_a_request_names_a_policy_that_exists(tmp_path: Path) -> None:
    """The shorthand takes the limits of the configuration and refuses an unknown policy."""
    async with university(tmp_path) as uni:
        request = uni.verifier.request({}, policy="us/ler-baseline")
        assert request.policy is not None
        assert request.limits == uni.verifier.config.limits.of_request
        with pytest.raises(UnknownPolicy):
            uni.verifier.request({}, policy="us/nothing")


@pytest.mark.parametrize(
    ("document", "name"),
    [
        ({"type": ["VerifiableCredential", "OpenBadgeCredential"]}, "open_badges_3"),
        ({"type": ["ClrCredential", "OpenBadgeCredential"]}, "clr_2"),
        ({"type": "AchievementCredential"}, "open_badges_3"),
        ({"type": ["VerifiableCredential"]}, "generic"),
        ({"type": ["", 5, None, {}]}, "generic"),
        ({}, "generic"),
    ],
)
async def test_the_first_type_that_has_a_normalizer_decides(document: Any, name: str, tmp_path: Path) -> None:
    """A record is read by the format that it names first, and there is a reader for every other."""
    async with university(tmp_path) as uni:
        assert uni.verifier.normalizer(document).name == name


@pytest.mark.parametrize(
    ("held", "loaded", "refused"),
    [
        ("2026-05-02T00:00:00Z", "2026-05-01T00:00:00Z", True),
        ("2026-05-02T00:00:00Z", None, True),
        ("2026-05-01T00:00:00Z", "2026-05-01T00:00:00Z", False),
        ("2026-05-01T00:00:00Z", "2026-05-02T00:00:00Z", False),
        (None, "2026-05-01T00:00:00Z", False),
    ],
)
def test_T14_an_older_list_never_takes_the_place_of_a_newer_one(
    held: str | None,
    loaded: str | None,
    refused: bool,  # noqa: FBT001 — a column of the table
) -> None:
    """A list issued before the one held, or without a date where that has one, is refused as rolled back."""
    if not refused:
        refuse_older(status_list(held), status_list(loaded))
        return
    with pytest.raises(Unavailable) as rolled_back:
        refuse_older(status_list(held), status_list(loaded))
    assert rolled_back.value.problem.code == "status-list-rolled-back"


def test_what_is_no_status_list_is_not_compared() -> None:
    """The revocation list of 1EdTech has no date, and only its own kind stands at its place."""
    refuse_older(object(), status_list(None))
    refuse_older(status_list("2026-05-01T00:00:00Z"), object())
