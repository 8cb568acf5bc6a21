"""The page that documents every problem code: `python -m tests.problems_page` writes it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from gateway.api.errors import STATUS
from gateway.messages import CATALOGUES
from resolvers.problems import TITLES, TYPES

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "problems.md"

_SOURCES: Final = {
    "https://www.w3.org/TR/vc-data-model#": (
        "Verifiable Credentials Data Model 2.0",
        "https://www.w3.org/TR/vc-data-model-2.0/#problem-details",
    ),
    "https://w3id.org/security#": (
        "Data Integrity 1.0 and Controlled Identifiers 1.0",
        "https://www.w3.org/TR/vc-data-integrity/#processing-errors",
    ),
    "https://www.w3.org/ns/credentials/status-list#": (
        "Bitstring Status List 1.0",
        "https://www.w3.org/TR/vc-bitstring-status-list/#processing-errors",
    ),
    "https://www.w3.org/ns/did#": ("DID Resolution", "https://www.w3.org/TR/did-resolution/#errors"),
    "https://www.w3.org/TR/vcalm#": ("VCALM (the W3C VC API)", "https://w3c.github.io/vcalm/"),
    "urn:ler-gateway:problem:": ("The gateway's own", None),
}

_INTRODUCTION: Final = """\
# Problem codes

Every problem in a result and every refused request carries one of these codes. They are stable. In JSON a
problem has the shape of [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457): `type` is the address given
with each table, followed by the code; `title` is for whoever mends it; `detail` says what was found, and
never holds a personal claim; `pointer` is a JSON Pointer into what was presented. `say` and `fix` are the
sentences below, in the reader's language where there is a catalogue for it.

A code with an HTTP status can refuse a request. Everything about a credential itself is HTTP 200 and a result.

This page is written by `python -m tests.problems_page`, and a test holds it to the code.
"""


def page() -> str:
    """Return the page as it has to be."""
    messages = CATALOGUES["en"].problems
    parts = [_INTRODUCTION]
    for space, (name, address) in _SOURCES.items():
        heading = name if address is None else f"[{name}]({address})"
        parts.append(f"\n## {heading}\n\n`type` = `{space}` + code\n\n")
        parts.append("| code | title | what it says | remedy | HTTP |\n|---|---|---|---|---|\n")
        for code, type_ in TYPES.items():
            if type_ == space + code:
                status = STATUS[code].value if code in STATUS else ""
                cells = (f"`{code}`", TITLES[code], messages[code].say, messages[code].fix, status)
                parts.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells).rstrip() + " |\n")
    return "".join(parts)


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
