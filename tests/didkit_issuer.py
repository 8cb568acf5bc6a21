"""didkit as an issuer, in a process of its own, since it opens sockets and has crashed at exit.

`issue(requests)` returns for each {method, kind, type?, fragment?, credential?, presentation?} what didkit makes of it:
{did, method, secured} or {error}. As a program, it reads such requests on standard input.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

_EC: Final = {"P-256": ec.SECP256R1(), "secp256k1": ec.SECP256K1()}
CREDENTIAL: Final = {
    "@context": ["https://www.w3.org/2018/credentials/v1"],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential"],
    "issuanceDate": "2026-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:learner"},
}


def issue(*requests: dict[str, Any], verify: bool = False) -> list[dict[str, Any]]:
    """Let didkit issue, or with `verify` verify without being locked up, in a process of its own."""
    command = [sys.executable, "-m", "tests.didkit_issuer", "verify" if verify else "issue"]
    ended = subprocess.run(command, input=json.dumps(requests), capture_output=True, text=True, check=True)
    answers: list[dict[str, Any]] = json.loads(ended.stdout)
    return answers


def private_jwk(kind: str, algorithm: str | None = None) -> dict[str, str]:
    """Return a new private key as a JWK: Ed25519, P-256, secp256k1 or RSA; `algorithm` is its `alg`."""
    alg = {"alg": algorithm} if algorithm else {}
    if kind == "Ed25519":
        key = ed25519.Ed25519PrivateKey.generate()
        octets = {"x": key.public_key().public_bytes_raw(), "d": key.private_bytes_raw()}
        return {"kty": "OKP", "crv": kind, **{name: _encoded(value) for name, value in octets.items()}, **alg}
    if kind == "RSA":
        own = rsa.generate_private_key(65537, 2048).private_numbers()
        numbers = {"n": own.public_numbers.n, "e": own.public_numbers.e, "d": own.d, "p": own.p, "q": own.q}
        numbers |= {"dp": own.dmp1, "dq": own.dmq1, "qi": own.iqmp}
        return {"kty": "RSA", **{name: _encoded(_octets(number)) for name, number in numbers.items()}, **alg}
    secret = ec.generate_private_key(_EC[kind]).private_numbers()
    point = {"x": secret.public_numbers.x, "y": secret.public_numbers.y, "d": secret.private_value}
    return {"kty": "EC", "crv": kind, **{name: _encoded(value.to_bytes(32)) for name, value in point.items()}, **alg}


def _octets(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8)


def _encoded(octets: bytes) -> str:
    from gateway.demo.issuer import base64url  # noqa: PLC0415 — not in the process that has didkit

    return base64url(octets)


async def _issue(didkit: Any, request: dict[str, Any]) -> dict[str, Any]:
    key = json.dumps(request["key"])
    did = didkit.key_to_did(request["method"], key)
    if "fragment" in request:
        method = f"{did}#{request['fragment']}"
    else:
        method = await didkit.key_to_verification_method(request["method"], key)
    presentation = "presentation" in request
    options = {
        "proofPurpose": "authentication" if presentation else "assertionMethod",
        "verificationMethod": method,
        **({"type": request["type"]} if "type" in request else {}),
        **request.get("options", {}),
    }
    if presentation:
        unsigned = {**request["presentation"], "holder": did}
        secured = await didkit.issue_presentation(json.dumps(unsigned), json.dumps(options), key)
    else:
        unsigned = {**CREDENTIAL, "issuer": did, **request.get("credential", {})}
        secured = await didkit.issue_credential(json.dumps(unsigned), json.dumps(options), key)
    return {"did": did, "method": method, "secured": json.loads(secured)}


async def _verify(didkit: Any, request: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(await didkit.verify_credential(json.dumps(request), "{}"))
    return answer


def _main() -> None:
    import asyncio  # noqa: PLC0415 — only the process needs it

    import didkit  # noqa: PLC0415 — as above

    refusal: Any = didkit.DIDKitException
    work = _verify if sys.argv[1] == "verify" else _issue

    async def answers() -> list[dict[str, Any]]:
        found = []
        for request in json.load(sys.stdin):
            try:
                found.append(await work(didkit, request))
            except (refusal, ValueError) as error:
                found.append({"error": str(error)})
        return found

    sys.stdout.write(json.dumps(asyncio.run(answers())))
    sys.stdout.flush()
    os._exit(0)  # didkit has crashed where the interpreter shuts down


if __name__ == "__main__":
    _main()
