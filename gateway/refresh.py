"""Refresh: the newer version of a credential that its issuer keeps ready, fetched once and only after the proof.

Open Badges 3.0, section 9.1: "Refresh must be completed after checking the proof so that the verifier is
not spoofed into receiving a refreshed OpenBadgeCredential from a bad actor.", "Only perform Refresh
once.", and "If the refresh is not successful, continue the verification process using the original
OpenBadgeCredential."

There a verifier always refreshes. Here it does so where the credential has expired, been revoked or
suspended, or where its status says that there is a newer one, or the caller asks: "Placing a
refreshService property in a verifiable credential so that it is available to verifiers can remove
control and consent from the holder" (VC Data Model 2.0, section 5.4), and its address names one record,
so each look-up tells the issuer who is being checked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from gateway.checks import found
from gateway.model import CheckName, CheckResult, Outcome, Presented
from gateway.opening import read
from gateway.related_resources import check_digests, pinned
from gateway.structure import several, type_names
from gateway.validity import validity_period
from resolvers.model import Kind, Loaded, StatusState
from resolvers.problems import Invalid, Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from gateway.model import VerificationResult
    from gateway.run import Place, Run
    from policies import Policy
    from resolvers.model import Fetched

SUPPORTED: Final = "1EdTechCredentialRefresh"
"""1EdTech Verifiable Credential Refresh Service 1.0: the newest version is what a GET of the address returns.
Others need the holder (VerifiableCredentialRefreshService2021 asks for a presentation by them)."""

_FAILED: Final = frozenset({"expired", "revoked", "suspended"})


async def newest(
    run: Run,
    result: VerificationResult,
    policy: Policy | None,
    place: Place,
    examine: Callable[[Run, Presented, Policy | None, Place], Awaitable[VerificationResult]],
) -> VerificationResult:
    """Return the result of the credential's newer version, if one is wanted and there is one, else `result`.

    What comes back takes all the steps by itself. It counts if it is authentic and of the same issuer,
    with the same id, about the same subject, and not older. Facts of the check `refresh`: `attempted`,
    `replaced`, and of what replaced it `newId`.
    """
    services = [] if result.document is None or result.claims_unverified else _services(result.document)
    if not services or place.refreshed:
        return result
    supported = any(SUPPORTED in several(each.get("type")) for each in services)
    if supported and not ((run.request.refresh or _needed(result)) and _may(run, place)):
        return _with(result, found(CheckName.REFRESH, Outcome.NOT_APPLICABLE), attempted=False, replaced=False)
    try:
        presented = await _fetch(run, result, services)
        inside = replace(place.inside(presenter=place.presenter), refreshed=True)
        newer = await examine(run, presented, policy, inside)
        _check_successor(result, newer)
    except (Invalid, Unavailable) as stopped:
        outcome = Outcome.FAIL if isinstance(stopped, Invalid) else Outcome.INDETERMINATE
        check = found(CheckName.REFRESH, outcome, stopped.problem)
        return _with(result, check, attempted=stopped.problem.code != "refresh-not-supported", replaced=False)
    if newer.document == result.document:
        return _with(result, found(CheckName.REFRESH, Outcome.PASS), attempted=True, replaced=False)
    newer = replace(newer, reference=result.reference, pointer=result.pointer)
    passed = found(CheckName.REFRESH, Outcome.PASS)
    return _with(newer, passed, attempted=True, replaced=True, newId=(newer.document or {}).get("id"))


def _services(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [each for each in several(document.get("refreshService")) if isinstance(each, dict)]


def _needed(result: VerificationResult) -> bool:
    """Whether it has ended, or its status says that there is a newer one."""
    ended = {problem.code for name in (CheckName.VALIDITY, CheckName.STATUS) for problem in result.check(name).problems}
    return bool(ended & _FAILED) or any(status.state is StatusState.REFRESH for status in result.statuses)


def _may(run: Run, place: Place) -> bool:
    """Whether a newer version could stand here.

    What is embedded in a record was signed with it. Of what came by itself with the holder's own proof, the
    newer version has none.
    """
    return place.presenter is not None or not (place.embedded or run.wants_holder(place))


async def _fetch(run: Run, result: VerificationResult, services: list[dict[str, Any]]) -> Presented:
    """Return what the first service sends that is supported here: it may be about a person, so it is not kept."""
    for service in services:
        url = service.get("id")
        if isinstance(url, str) and SUPPORTED in several(service.get("type")):
            break
    else:
        detail = f"of refresh services only {SUPPORTED} is used here"
        raise Unavailable("refresh-not-supported", detail, pointer="/refreshService")
    digests = pinned(result.document or {}, url, service)

    async def load(fetched: Fetched) -> Loaded[Fetched]:
        return Loaded(value=fetched, size=len(fetched.body))

    # What is checked here is this credential's own matter: others may have joined the look-up.
    fetched = (await run.lookup.get(url, Kind.RECORD, load, variant="refresh")).value
    check_digests(digests, fetched.body, url)
    return await read(Presented(content=fetched.body, media_type=fetched.media_type))


def _check_successor(result: VerificationResult, newer: VerificationResult) -> None:
    """Check that `newer` is a version of the same credential, as authentic as the one it replaces.

    Raises:
        Invalid: `refresh-refused`.
        Unavailable: `refresh-refused`: whether it is authentic could not be found out.
    """
    if not newer.authentic or newer.document is None or result.document is None:
        failed = any(check.outcome is Outcome.FAIL for check in newer.checks)
        fate = Invalid if failed else Unavailable
        raise fate("refresh-refused", "what the refresh service sent is not authentic", pointer="/refreshService")
    for what, of_old, of_new in (
        ("issuer", result.issuer, newer.issuer),
        ("id", result.document.get("id"), newer.document.get("id")),
        ("type", set(type_names(result.document)), set(type_names(newer.document))),
        ("subject", _subjects(result.document), _subjects(newer.document)),
    ):
        if of_old != of_new:
            raise Invalid("refresh-refused", f"what the refresh service sent has another {what}", pointer=f"/{what}")
    start, new_start = validity_period(result.document).start, validity_period(newer.document).start
    if start is not None and (new_start is None or new_start < start):
        raise Invalid("refresh-refused", "what the refresh service sent is older", pointer="/refreshService")


def _subjects(document: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """Return whom it is about: by id and by identifiers, as the issuer has written them."""
    found = [one for one in several(document.get("credentialSubject")) if isinstance(one, dict)]
    return [(one.get("id"), several(one.get("identifier"))) for one in found]


def _with(result: VerificationResult, check: CheckResult, **facts: Any) -> VerificationResult:
    """Return the result with the check `refresh`, which never counts."""
    check = replace(check, facts=facts)
    return replace(result, checks=tuple(check if one.name is check.name else one for one in result.checks))
