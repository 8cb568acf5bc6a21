"""didkit, in a process of its own: the only module that imports it, and never in the service itself.

didkit (Rust, 2022) opens sockets of its own, and has crashed the process at exit. So it runs in a
process that can be killed, with an empty environment, and that after a first verification may not open
another descriptor: no socket, no file. This file is that process. `python -I _didkit.py` asks once
whether all of this works, for `ler-gateway doctor`; `python -I _didkit.py serve` answers frames on
standard input and output (`_didkit_worker` is at the other end): a 4-byte big-endian length, then JSON.

- `{"document": credential or presentation, with its proof, "presentation": bool, "options": {…}}`
- → `{"errors": [text, …]}`: none if the proof verifies; or `{"unusable": text}`
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Mapping
    from typing import BinaryIO

COMMAND: Final = (sys.executable, "-I", __file__)
"""Starts the process; -I keeps the caller's paths and variables out."""

PROBE_SECONDS: Final = 10.0
"""How long the process may take; it starts in less than 0.1 s on an idle machine."""

_LONGEST: Final = 200
"""Characters of the process's last words that are passed on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DidkitState:
    """What the probe found."""

    usable: bool
    version: str | None
    detail: str
    """One sentence for the operator."""


def probe(seconds: float = PROBE_SECONDS, *, command: tuple[str, ...] = COMMAND) -> DidkitState:
    """Start didkit in a process of its own, let it verify a credential without a network, and end it.

    Blocks for up to `seconds`. `command` replaces the process, for tests.
    """
    try:
        ended = subprocess.run(  # noqa: S603 — the command is this file, under this interpreter
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env={},
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _unusable(f"it did not answer within {seconds:g} s, and was killed")
    except OSError as error:
        return _unusable(f"its process could not be started ({error.strerror})")
    try:
        answer = json.loads(ended.stdout)
        version, problem = answer["version"], answer["problem"]
    except (ValueError, KeyError, TypeError):
        last = ended.stderr.decode(errors="replace").strip().rpartition("\n")[2][:_LONGEST]
        return _unusable(f"its process ended with {ended.returncode}: {last or 'no word'}")
    if problem is not None:
        return _unusable(str(problem)[:_LONGEST], version)
    return DidkitState(usable=True, version=version, detail="didkit verifies in a process without network")


def _unusable(why: str, version: str | None = None) -> DidkitState:
    return DidkitState(usable=False, version=version, detail=f"didkit cannot be used: {why}")


# What follows runs in the process alone.


class _Didkit:
    """didkit, locked up.

    Raises:
        ImportError: it, or what it is locked up with, is not there on this platform.
    """

    def __init__(self) -> None:
        import asyncio  # noqa: PLC0415 — only the process needs it
        import resource  # noqa: PLC0415 — not on every platform

        import didkit  # noqa: PLC0415 — never in the service itself

        self._didkit = didkit
        self._loop: AbstractEventLoop = asyncio.new_event_loop()
        self.version: str = didkit.get_version()
        self.first: list[str] = self._loop.run_until_complete(self._attempt())
        """The errors of the first verification."""
        # didkit's own threads and descriptors exist from here on, and no more may follow.
        for what, limit in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_NOFILE, 3)):
            resource.setrlimit(what, (limit, limit))

    def again(self) -> list[str]:
        """Return the errors of one more verification."""
        return self._loop.run_until_complete(self._attempt())

    def errors(self, request: Mapping[str, Any]) -> list[str]:
        """Return what is wrong with the one proof of a document; nothing if it verifies."""
        return self._loop.run_until_complete(self._errors(request))

    async def _errors(self, request: Mapping[str, Any]) -> list[str]:
        didkit = self._didkit
        verify = didkit.verify_presentation if request["presentation"] else didkit.verify_credential
        try:
            result = json.loads(await verify(json.dumps(request["document"]), json.dumps(request["options"])))
        except (didkit.DIDKitException, ValueError) as error:
            return [f"{error}"[:_LONGEST]]
        errors: list[str] = [text[:_LONGEST] for text in result["errors"]]
        # "checks" is empty where it found no proof to look at; that alone would be no error.
        return errors if "proof" in result["checks"] else errors or ["no proof was checked"]

    async def _attempt(self) -> list[str]:
        didkit = self._didkit
        key = didkit.generate_ed25519_key()
        options = {
            "proofPurpose": "assertionMethod",
            "verificationMethod": await didkit.key_to_verification_method("key", key),
        }
        credential = {
            "@context": "https://www.w3.org/2018/credentials/v1",
            "type": ["VerifiableCredential"],
            "issuer": didkit.key_to_did("key", key),
            "issuanceDate": "2026-01-01T00:00:00Z",
            "credentialSubject": {"id": "urn:uuid:00000000-0000-4000-8000-000000000000"},
        }
        signed = await didkit.issue_credential(json.dumps(credential), json.dumps(options), key)
        return await self._errors({"document": json.loads(signed), "presentation": False, "options": {}})


def _report() -> dict[str, Any]:
    """Do once what the service would ask for: verify, be locked up, verify again."""
    try:
        didkit = _Didkit()
    except ImportError as error:
        return {"version": None, "problem": f"{error.name} is not installed"}
    errors = didkit.first or didkit.again()
    return {"version": didkit.version, "problem": errors[0] if errors else None}


def _serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer frames until the input ends."""
    didkit: _Didkit | None = None
    unusable = "didkit does not verify what it signs itself"
    try:
        didkit = _Didkit()
        usable = not didkit.first
    except ImportError as error:
        unusable, usable = f"{error.name} is not installed", False
    while len(head := source.read(4)) == 4:  # noqa: PLR2004 — the length's own length
        request = json.loads(source.read(int.from_bytes(head, "big")))
        answer = {"unusable": unusable} if didkit is None or not usable else {"errors": didkit.errors(request)}
        octets = json.dumps(answer).encode()
        sink.write(len(octets).to_bytes(4, "big") + octets)
        sink.flush()


def _main() -> None:
    if sys.argv[1:] == ["serve"]:
        _serve(sys.stdin.buffer, sys.stdout.buffer)
    else:
        sys.stdout.write(json.dumps(_report()))
        sys.stdout.flush()
    os._exit(0)  # didkit has crashed where the interpreter shuts down


if __name__ == "__main__":
    _main()
