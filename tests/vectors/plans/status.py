"""Credential status, by method; and what spoils a list or an entry."""

from __future__ import annotations

from typing import Final

from gateway.model import CheckName
from tests.vectors.case import CREDENTIAL_ID, LIST_URL, SET, SHORT, Recipe, Stage
from tests.vectors.plans.issuers import STRANGER, WEB
from tests.vectors.plans.plan import append, drop, fails, leaves_open, passes, put

_BITSTRING, _LIST_2021, _1EDTECH = "BitstringStatusListEntry", "StatusList2021Entry", "1EdTechRevocationList"

_LISTED: Final = Recipe(issuer=WEB, status=_BITSTRING)
_SUSPENDABLE: Final = Recipe(issuer=WEB, status=_BITSTRING, purpose="suspension")
_LISTED_2021: Final = Recipe(issuer=WEB, vcdm="1.1", status=_LIST_2021)
_LISTED_2020: Final = Recipe(issuer=WEB, vcdm="1.1", status="RevocationList2020Status")
_LISTED_1EDTECH: Final = Recipe(issuer=WEB, status=_1EDTECH)

PLANS: Final = (
    passes(
        "status/active",
        _LISTED,
        "Bitstring Status List 1.0, section 3.2: a clear bit of a list by the credential's issuer is no revocation.",
        CheckName.STATUS,
    ),
    passes(
        "status/active_by_a_list_in_a_token",
        Recipe(issuer=WEB, status=_BITSTRING, list_form="vc+jwt"),
        "Bitstring Status List 1.0, section 3.2: a list is a credential, and may be secured as any other.",
        CheckName.STATUS,
    ),
    passes(
        "status/active_status_list_2021",
        _LISTED_2021,
        "Status List 2021: the predecessor differs in names and in the encoding of its list.",
        CheckName.STATUS,
    ),
    passes(
        "status/active_revocation_list_2020",
        _LISTED_2020,
        "Revocation List 2020: clear, from whichever end of the octet its bit is counted.",
        CheckName.STATUS,
    ),
    leaves_open(
        "status/revocation_list_2020_read_both_ways",
        _LISTED_2020,
        Stage.LIST,
        put(SET, "credentialSubject", "encodedList"),
        CheckName.STATUS,
        "status-list-defective",
        "Revocation List 2020: set from one end of its octet and clear from the other, and both are in use.",
    ),
    passes(
        "status/active_1edtech_revocation_list",
        _LISTED_1EDTECH,
        "1EdTech Revocation List Status Method 1.0: a credential that the list does not name is not revoked.",
        CheckName.STATUS,
    ),
    fails(
        "status/revoked",
        _LISTED,
        Stage.LIST,
        put(f"u{SET}", "credentialSubject", "encodedList"),
        CheckName.STATUS,
        "revoked",
        "Bitstring Status List 1.0, section 2.1: a set bit of purpose revocation revokes the credential for good.",
    ),
    fails(
        "status/suspended",
        _SUSPENDABLE,
        Stage.LIST,
        put(f"u{SET}", "credentialSubject", "encodedList"),
        CheckName.STATUS,
        "suspended",
        "Bitstring Status List 1.0, section 2.1: a set bit of purpose suspension suspends the credential for now.",
    ),
    fails(
        "status/revoked_status_list_2021",
        _LISTED_2021,
        Stage.LIST,
        put(SET, "credentialSubject", "encodedList"),
        CheckName.STATUS,
        "revoked",
        "Status List 2021: a set bit of purpose revocation revokes the credential.",
    ),
    fails(
        "status/revoked_1edtech_revocation_list",
        _LISTED_1EDTECH,
        Stage.LIST,
        append({"id": CREDENTIAL_ID}, "revokedCredential"),
        CheckName.STATUS,
        "revoked",
        "1EdTech Revocation List Status Method 1.0: a credential that the list names is revoked unless it says false.",
    ),
    leaves_open(
        "status/list_unreachable",
        _LISTED,
        Stage.DOCUMENTS,
        drop(LIST_URL),
        CheckName.STATUS,
        "STATUS_RETRIEVAL_ERROR",
        "T13: a list that cannot be had never says that a credential is not revoked.",
    ),
    leaves_open(
        "status/list_unsigned",
        _LISTED,
        Stage.DOCUMENTS,
        drop(LIST_URL, "proof"),
        CheckName.STATUS,
        "STATUS_VERIFICATION_ERROR",
        "T12: the clear bit of a list that nobody signed says nothing.",
    ),
    leaves_open(
        "status/list_by_another_issuer",
        _LISTED,
        Stage.LIST,
        put(STRANGER.did, "issuer"),
        CheckName.STATUS,
        "status-issuer-mismatch",
        "T12: the clear bit of a stranger's list says nothing about this issuer's credential.",
    ),
    leaves_open(
        "status/list_expired",
        _LISTED,
        Stage.LIST,
        put("2026-05-01T00:00:00Z", "validUntil"),
        CheckName.STATUS,
        "STATUS_VERIFICATION_ERROR",
        "T14: a list past its own end says nothing about today.",
    ),
    leaves_open(
        "status/list_too_short",
        _LISTED,
        Stage.LIST,
        put(f"u{SHORT}", "credentialSubject", "encodedList"),
        CheckName.STATUS,
        "STATUS_LIST_LENGTH_ERROR",
        "Bitstring Status List 1.0, section 3.2: fewer than 131,072 entries hide nobody among the others.",
    ),
    leaves_open(
        "status/list_of_another_purpose",
        _LISTED,
        Stage.LIST,
        put("suspension", "credentialSubject", "statusPurpose"),
        CheckName.STATUS,
        "STATUS_VERIFICATION_ERROR",
        "Bitstring Status List 1.0, section 3.2: entry and list agree about the statusPurpose.",
    ),
    leaves_open(
        "status/list_id_is_not_its_url",
        _LISTED,
        Stage.LIST,
        put("https://university.example/status/2", "id"),
        CheckName.STATUS,
        "status-list-defective",
        "T61: another valid list of the same issuer in this one's place could hide a revocation.",
    ),
    leaves_open(
        "status/index_out_of_range",
        _LISTED,
        Stage.CREDENTIAL,
        put("131072", "credentialStatus", "statusListIndex"),
        CheckName.STATUS,
        "RANGE_ERROR",
        "Bitstring Status List 1.0, section 3.2: an index past the end of the list is a RANGE_ERROR.",
    ),
    fails(
        "status/index_is_a_number",
        _LISTED,
        Stage.CREDENTIAL,
        put(8, "credentialStatus", "statusListIndex"),
        CheckName.STATUS,
        "MALFORMED_VALUE_ERROR",
        "T11: statusListIndex is an integer in base 10, expressed as a string.",
    ),
    leaves_open(
        "status/unknown_type",
        Recipe(issuer=WEB, form="eddsa-jcs-2022", status=_BITSTRING),
        Stage.CREDENTIAL,
        put("FutureStatus2062", "credentialStatus", "type"),
        CheckName.STATUS,
        "unknown-status-type",
        "Result model: a status entry of a type that nobody knows is unknown, and never skipped.",
    ),
)
