"""What verifies children of records: `python -I -m gateway._children_process [FOLDER of contexts]`.

It fetches nothing and knows no policy: what it is not told, it does not know. It says of a child that it
passes, or nothing at all, and then the service looks for itself. After its start it has no descriptor
left to open: no socket, no file.

Frames on standard input and output: a 4-byte big-endian length, then JSON in UTF-8.

- `{"asOf": instant, "now": instant, "clockSkew": seconds, "allowUnknownContexts": boolean,
  "children": [[credential, verification method], …]}`
- → `{"found": [null or the words of `children_pool.passed`, …]}`
"""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import sys
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.serialization import load_der_public_key

import gateway.cryptosuites
import gateway.normalizers
from gateway.canonical.direct import Direct
from gateway.canonical.rdf import RdfCanonicalizer
from gateway.canonical.worker import Worker
from gateway.children_pool import passed
from gateway.formats import data_integrity
from gateway.model import Presented, Record
from gateway.plugins import Cryptosuite, Normalizer, ProofTools
from gateway.proof import prove
from gateway.structure import check_structure, type_names
from resolvers import registry
from resolvers.contexts import ContextStore
from resolvers.model import KeyType, PublicKey, VerificationMethod
from resolvers.problems import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO, NoReturn

_MEMORY: Final = 1 << 30
"""Bytes of address space."""
_KEYS: Final = 4096
"""Public keys that stay loaded."""
_FORMAT: Final = data_integrity.PLUGIN
_NOTHING: Final = Record()


class _Nowhere(Worker):
    """In place of the process for what cannot be bounded: that is for the service to ask."""

    async def _call(self, request: dict[str, Any], texts: Mapping[str, Mapping[str, Any]]) -> NoReturn:
        del request, texts
        raise Unavailable("overloaded", "not in this process")


class _Told:
    """The one key that was sent along (`gateway.plugins.KeyResolver`)."""

    def __init__(self, method: VerificationMethod) -> None:
        self._method = method

    async def dereference(self, url: str, *, purpose: str) -> VerificationMethod:
        """Return the method, where it is the one."""
        if url != self._method.id or purpose != "assertionMethod":
            raise Unavailable("unreachable", f"{url} is not known here")
        return self._method

    async def lists_key(self, document: str, url: str, *, purpose: str) -> NoReturn:
        """Say that this is not known."""
        raise Unavailable("unreachable", f"{document} is not known here: {url}, {purpose}")

    async def origin_jwks(self, url: str) -> NoReturn:
        """Say that this is not known."""
        raise Unavailable("unreachable", f"{url} is not known here")

    async def published_key(self, url: str) -> NoReturn:
        """Say that this is not known."""
        raise Unavailable("unreachable", f"{url} is not known here")


class Children:
    """Answers requests."""

    def __init__(self, contexts: ContextStore) -> None:
        """Find the plugins; those that need a process of their own are left to the service."""
        suites = registry.scan(gateway.cryptosuites, Cryptosuite, lambda plugin: (plugin.name,))
        self._suites = {name: suite for name, suite in suites.items() if suite.close is None}
        self._normalizers = registry.scan(gateway.normalizers, Normalizer, lambda plugin: plugin.types)
        self._canonicalizer = RdfCanonicalizer(contexts, direct=Direct(contexts), worker=_Nowhere())
        self._key = lru_cache(_KEYS)(load_der_public_key)

    async def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Verify the children of one request."""
        return {"found": [await self._found(request, *child) for child in request["children"]]}

    async def _found(self, request: Mapping[str, Any], document: Any, method: Any) -> dict[str, Any] | None:
        try:
            return await self._verified(request, document, self._method(*method))
        except Exception:  # noqa: BLE001 — whatever it is, the service will find and say it
            return None

    async def _verified(
        self, request: Mapping[str, Any], document: Any, method: VerificationMethod
    ) -> dict[str, Any] | None:
        presented = Presented(content=document)
        if not _FORMAT.recognize(presented):
            return None
        secured = _FORMAT.parse(presented)
        tools = ProofTools(
            keys=_Told(method),
            canonicalizer=self._canonicalizer,
            suites=self._suites,
            as_of=datetime.fromisoformat(request["asOf"]),
            now=datetime.fromisoformat(request["now"]),
            clock_skew=request["clockSkew"],
            allow_unknown_contexts=request["allowUnknownContexts"],
            named_contexts=lambda document: self._normalizer(document).contexts,
        )
        structure = check_structure(secured)
        proven, verified = await prove(secured, tools)
        if verified is None:
            return None
        record = self._normalizer(document).normalize(verified)
        words: dict[str, Any] = {
            "vcdm": secured.vcdm,
            "data_loss": proven.data_loss.outcome.value,
            "contexts": dict(proven.contexts),
            "record": {
                name: value for name in Record.__slots__ if (value := getattr(record, name)) != getattr(_NOTHING, name)
            },
        }
        whole = passed(document, method, **words)
        return words if (whole.structure, whole.proven) == (structure, proven) and not record.children else None

    def _method(self, url: str, kind: str, document: str, key_type: str, der: str, jwk: bool) -> VerificationMethod:  # noqa: FBT001 — as it was sent
        key = PublicKey(type=KeyType(key_type), key=self._key(base64.b64decode(der)), jwk=jwk)
        return VerificationMethod(id=url, type=kind, document=document, key=key, source=None)

    def _normalizer(self, document: Mapping[str, Any]) -> Normalizer:
        return next(
            (self._normalizers[name] for name in type_names(document) if name and name in self._normalizers),
            self._normalizers[""],
        )


def _limit() -> None:
    with suppress(ImportError, OSError, ValueError):  # Windows has no limits, macOS not all of them
        import resource  # noqa: PLC0415 — not on every platform

        for what, limit in (
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_AS, _MEMORY),
            (resource.RLIMIT_NOFILE, 3),
        ):
            resource.setrlimit(what, (limit, limit))


async def serve(children: Children, source: BinaryIO, sink: BinaryIO) -> None:
    """Answer frames until the input ends."""
    while len(head := source.read(4)) == 4:  # noqa: PLR2004 — the length's own length
        request = json.loads(source.read(int.from_bytes(head)))
        answer = json.dumps(await children.answer(request), default=dict, separators=(",", ":")).encode()
        sink.write(len(answer).to_bytes(4) + answer)
        sink.flush()


async def main() -> None:
    """Serve standard input and output, which nothing else may write to."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    children = Children(ContextStore.bundled(Path(sys.argv[1]) if sys.argv[1:] else None))
    _limit()
    gc.freeze()
    await serve(children, source, sink)


if __name__ == "__main__":
    asyncio.run(main())
