"""Whether didkit can be used on this machine: the only module that imports it.

didkit (Rust, 2022) opens sockets of its own, and has crashed the process at exit, so it is never
loaded into the service. It runs in a process that can be killed, with an empty environment, and
that after a first verification may not open another descriptor: no socket, no file. Here that
process is asked once, by `ler-gateway doctor`, whether all of this works.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, Final

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


def probe(seconds: float = PROBE_SECONDS, *, command: tuple[str, ...] | None = None) -> DidkitState:
    """Start didkit in a process of its own, let it verify a credential without a network, and end it.

    Blocks for up to `seconds`. `command` replaces the process, for tests.
    """
    # The arguments are our own; -I keeps the caller's paths and variables out.
    try:
        ended = subprocess.run(  # noqa: S603 — the command is this file, under this interpreter
            command or (sys.executable, "-I", __file__),
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


def _answer() -> dict[str, Any]:
    """Do in the process what the service would ask of it: verify, be locked up, verify again."""
    try:
        import asyncio  # noqa: PLC0415 — only the process needs it
        import resource  # noqa: PLC0415 — not on every platform

        import didkit  # noqa: PLC0415 — never in the service itself
    except ImportError as error:
        return {"version": None, "problem": f"{error.name} is not installed"}
    version = didkit.get_version()

    async def attempt() -> list[str]:
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
        errors: list[str] = json.loads(await didkit.verify_credential(signed, "{}"))["errors"]
        return errors

    async def attempts() -> list[str]:
        errors = await attempt()
        # didkit's own threads and descriptors exist from here on, and no more may follow.
        for what, limit in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_NOFILE, 3)):
            resource.setrlimit(what, (limit, limit))
        return errors + await attempt()

    errors = asyncio.run(attempts())
    return {"version": version, "problem": errors[0] if errors else None}


def _main() -> None:
    sys.stdout.write(json.dumps(_answer()))
    sys.stdout.flush()
    os._exit(0)  # didkit has crashed where the interpreter shuts down


if __name__ == "__main__":
    _main()
