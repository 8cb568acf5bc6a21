"""T62: a status that is signed, where no reader of the JSON looks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gateway.model import CheckName
from tests.vectors.case import Recipe, Stage
from tests.vectors.plans.issuers import WEB
from tests.vectors.plans.plan import fails

if TYPE_CHECKING:
    from collections.abc import Callable

_PREFIX: Final = "https://www.w3.org/2018/credentials#"
_STATUS_IRI: Final = f"{_PREFIX}credentialStatus"
_LISTED: Final = Recipe(issuer=WEB, status="BitstringStatusListEntry")


def _hide(name: str, *, context: dict[str, Any] | None = None, wrapped: bool = False) -> Callable[[Any], Any]:
    """Move the status to another name, or into an object of that name, which states the same in the graph."""

    def change(credential: Any) -> Any:
        status = credential.pop("credentialStatus")
        if context is not None:
            credential["@context"].append(context)
        node = {"id": credential["id"], "type": credential["type"], "credentialStatus": status}
        if name == "@nest":
            del node["id"]
        credential[name] = node if wrapped else status
        return credential

    return change


PLANS: Final = (
    fails(
        "hidden_statements/status_under_an_absolute_iri",
        _LISTED,
        Stage.PRESENTED,
        _hide(_STATUS_IRI),
        CheckName.DATA_LOSS,
        "DATA_LOSS_DETECTION_ERROR",
        "T62: a status under its absolute IRI is signed, but no reader of credentialStatus sees it.",
    ),
    fails(
        "hidden_statements/status_under_a_compact_iri",
        _LISTED,
        Stage.PRESENTED,
        _hide("c:credentialStatus", context={"c": _PREFIX}),
        CheckName.DATA_LOSS,
        "DATA_LOSS_DETECTION_ERROR",
        "T62: a status under a compact IRI is signed, but no reader of credentialStatus sees it.",
    ),
    fails(
        "hidden_statements/status_under_a_new_term",
        _LISTED,
        Stage.PRESENTED,
        _hide("innocent", context={"innocent": {"@id": _STATUS_IRI, "@type": "@id"}}),
        CheckName.DATA_LOSS,
        "DATA_LOSS_DETECTION_ERROR",
        "T62: a term that the holder adds must not mean what a pinned one means already.",
    ),
    fails(
        "hidden_statements/status_in_included",
        _LISTED,
        Stage.PRESENTED,
        _hide("@included", wrapped=True),
        CheckName.DATA_LOSS,
        "DATA_LOSS_DETECTION_ERROR",
        "T62: a status stated of the same node at the side is signed, but no reader of credentialStatus sees it.",
    ),
    fails(
        "hidden_statements/status_in_nest",
        _LISTED,
        Stage.PRESENTED,
        _hide("@nest", wrapped=True),
        CheckName.DATA_LOSS,
        "DATA_LOSS_DETECTION_ERROR",
        "T62: a status in an object that JSON-LD looks through is signed, but no reader of credentialStatus sees it.",
    ),
)
