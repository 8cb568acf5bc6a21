"""RDF terms in the syntax of canonical N-Quads (RDFC-1.0, section 5), shared by both expansions.

A quad is a tuple of four strings, each a term as N-Quads writes it: `<iri>`, `_:b0`, `"text"`,
`"text"^^<iri>`, `"text"@en`. The graph of the default graph is "".
"""

from __future__ import annotations

import re
from typing import Final

Quad = tuple[str, str, str, str]
"""(subject, predicate, object, graph)."""

XSD: Final = "http://www.w3.org/2001/XMLSchema#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDF_TYPE: Final = f"<{RDF}type>"

# The characters that N-Quads' IRIREF leaves out would end the term early (`>`) or need an escape,
# which no two libraries write alike; an IRI that holds one is no IRI (RFC 3987 allows none of them).
# Space of any alphabet goes too: JSON-LD processors drop an IRI that holds it, without a word.
IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s\x00-\x20<>\"{}|\\^`\x7f\ud800-\udfff\ufeff\ufffe\uffff]*")
"""Matches (`fullmatch`) an absolute IRI that can stand in an N-Quads line as it is."""

LANGUAGE: Final = re.compile(r"[a-z]{1,8}(-[a-z0-9]{1,8})*")
"""Matches (`fullmatch`) a language tag that no implementation rewrites: well-formed, lower case."""

_ESCAPED: Final = re.compile(r'[\x00-\x1f"\\\x7f\ufffe\uffff]')
_ESCAPES: Final = {
    **{code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F, 0xFFFE, 0xFFFF)},
    **{ord(short): f"\\{letter}" for short, letter in zip('\b\t\n\f\r"\\', 'btnfr"\\', strict=True)},
}


class Decline(Exception):
    """The direct expansion does not do this document exactly; the reference expansion has to."""


def quoted(text: str) -> str:
    """Return `text` as a plain N-Quads literal, in canonical escapes (RDFC-1.0, section 5).

    `text` must hold no lone surrogate: neither UTF-8 nor N-Quads can write one.
    """
    return f'"{text.translate(_ESCAPES)}"' if _ESCAPED.search(text) else f'"{text}"'
