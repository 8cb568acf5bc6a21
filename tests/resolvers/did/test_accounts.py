"""`resolvers.did.pkh`, `ethr` and `tz`: documents that follow from a blockchain account."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from typing import Any

import pytest

from resolvers.did import ethr, pkh, tz
from resolvers.model import DidMethod, KeyType
from resolvers.problems import Invalid, Unavailable
from tests.resolvers.lookup import FakeLookup

_ETHEREUM = "0xb9c5714089478a327f09197987f16f9e5d936e8a"
_ETHEREUM_KEY = "0x03fdd57adec3d438ea237fe46b33ee1e016eda6b585c3e27ea66686c2ea5358479"
_TEZOS = "tz1TzrmTBSuiVHV2VfMnGRMYvTEPCP42oSM8"
_SOLANA = "CKg5d12Jhpej1JqtmxLJgaFqqeYjxgPqToJ4LBdvG9Ev"
_BITCOIN = "128Lkh3S7CkDTBZ8W7BbpsN3YYizJMp8p6"

# Of the did:pkh, did:ethr and did:tz specifications, and as didkit resolves them.
_RESOLVED = [
    (f"did:pkh:eip155:1:{_ETHEREUM}", "blockchainAccountId", f"eip155:1:{_ETHEREUM}"),
    (f"did:pkh:eip155:1:{_ETHEREUM}", "Eip712Method2021", f"eip155:1:{_ETHEREUM}"),
    (f"did:pkh:eip155:137:{_ETHEREUM}", "blockchainAccountId", f"eip155:137:{_ETHEREUM}"),
    (f"did:pkh:eth:{_ETHEREUM}", "Recovery2020", f"eip155:1:{_ETHEREUM}"),
    (f"did:pkh:celo:{_ETHEREUM}", "Recovery2020", f"eip155:42220:{_ETHEREUM}"),
    (f"did:pkh:tezos:NetXdQprcVkpaWU:{_TEZOS}", "blockchainAccountId", f"tezos:NetXdQprcVkpaWU:{_TEZOS}"),
    (f"did:pkh:tz:{_TEZOS}", "TezosMethod2021", f"tezos:NetXdQprcVkpaWU:{_TEZOS}"),
    (
        f"did:pkh:bip122:000000000019d6689c085ae165831e93:{_BITCOIN}",
        "blockchainAccountId",
        f"bip122:000000000019d6689c085ae165831e93:{_BITCOIN}",
    ),
    (
        "did:pkh:doge:DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L",
        "blockchainAccountId",
        "bip122:1a91e3dace36e2be3bf030a65679fe82:DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L",
    ),
    (f"did:ethr:{_ETHEREUM}", "controller", f"eip155:1:{_ETHEREUM}"),
    (f"did:ethr:{_ETHEREUM}", "Eip712Method2021", f"eip155:1:{_ETHEREUM}"),
    (f"did:ethr:mainnet:{_ETHEREUM}", "controller", f"eip155:1:{_ETHEREUM}"),
    (f"did:ethr:sepolia:{_ETHEREUM}", "controller", f"eip155:11155111:{_ETHEREUM}"),
    (f"did:ethr:0x5:{_ETHEREUM}", "controller", f"eip155:5:{_ETHEREUM}"),
    (f"did:tz:{_TEZOS}", "blockchainAccountId", f"tezos:NetXdQprcVkpaWU:{_TEZOS}"),
    (f"did:tz:mainnet:{_TEZOS}", "TezosMethod2021", f"tezos:NetXdQprcVkpaWU:{_TEZOS}"),
    (
        "did:tz:NetXm8tYqnMWky1:tz2BFTyPeYRzxd5aiBchbXN3WCZhx7BqbMBq",
        "blockchainAccountId",
        "tezos:NetXm8tYqnMWky1:tz2BFTyPeYRzxd5aiBchbXN3WCZhx7BqbMBq",
    ),
    (
        "did:tz:tz3agP9LGe2cXmKQyYn6T68BHKjjktDbbSWX",
        "blockchainAccountId",
        "tezos:NetXdQprcVkpaWU:tz3agP9LGe2cXmKQyYn6T68BHKjjktDbbSWX",
    ),
]


def _plugin(did: str) -> DidMethod:
    return {"pkh": pkh.PLUGIN, "ethr": ethr.PLUGIN, "tz": tz.PLUGIN}[did.split(":")[1]]


@pytest.mark.parametrize(("did", "fragment", "account"), _RESOLVED)
async def test_account_is_the_key(did: str, fragment: str, account: str) -> None:
    """The method names the account, for assertions and authentication, and nothing is looked up."""
    lookup = FakeLookup()

    document, source = await _plugin(did).resolve(did, lookup)

    assert source is None
    assert lookup.internet.requests == []
    for purpose in ("assertionMethod", "authentication"):
        key = document.retrieve(f"{did}#{fragment}", purpose=purpose, source=None).key
        assert (key.type, key.key, key.jwk) == (KeyType.ACCOUNT, account, False)
    assert not document.lists(f"{did}#{fragment}", purpose="keyAgreement")


@pytest.mark.parametrize("chain", ["solana:4sGjMW1sUnHzSxGspuhpqLDx6wiyjNtZ", "sol"])
async def test_solana_address_is_a_key(chain: str) -> None:
    """It is an Ed25519 key itself, with which signatures can be verified."""
    did = f"did:pkh:{chain}:{_SOLANA}"

    document, _ = await pkh.PLUGIN.resolve(did, FakeLookup())

    for fragment in ("controller", "SolanaMethod2021"):
        assert document.key(f"{did}#{fragment}").type is KeyType.ED25519


@pytest.mark.parametrize("fragment", ["controller", "controllerKey"])
async def test_public_key_in_a_did_ethr_is_a_key(fragment: str) -> None:
    """It verifies by itself, and is what is recovered from a signature that can be recovered from."""
    did = f"did:ethr:{_ETHEREUM_KEY}"

    document, _ = await ethr.PLUGIN.resolve(did, FakeLookup())

    assert document.key(f"{did}#{fragment}").type is KeyType.SECP256K1


@pytest.mark.parametrize(
    "did",
    [
        f"did:pkh:{_ETHEREUM}",
        f"did:pkh:eip155:{_ETHEREUM}",
        "did:pkh:eip155:1:0xb9c571",
        f"did:pkh:eip155:1:{_ETHEREUM[2:]}",
        f"did:pkh:eip155:1:{_ETHEREUM[:-1]}g",
        f"did:pkh:eip155:1:1:{_ETHEREUM}",
        f"did:pkh:tz:{_TEZOS[:-1]}9",
        "did:pkh:tz:KT1PreKNd1Ep1HGcNBMfXTvFmzCWZtHbQXcE",
        f"did:pkh:btc:{_BITCOIN[:-1]}7",
        f"did:pkh:btc:{_TEZOS}",
        f"did:pkh:sol:{_SOLANA[:-3]}",
        "did:pkh:sol:0",
        "did:pkh:sol:" + "1" * 300,
        "did:ethr:0xb9c571",
        f"did:ethr:{_ETHEREUM[:-1]}g",
        f"did:ethr:{_ETHEREUM_KEY[:-2]}",
        "did:ethr:0x02" + "f" * 64,
        "did:ethr:0x04" + _ETHEREUM_KEY[4:],
        f"did:tz:{_ETHEREUM}",
        f"did:tz:{_TEZOS[:-1]}9",
        "did:tz:KT1PreKNd1Ep1HGcNBMfXTvFmzCWZtHbQXcE",
        f"did:tz:{_TEZOS}?service=files",
    ],
)
async def test_T49_what_is_no_account_is_refused(did: str) -> None:
    """Another length, another alphabet, a wrong checksum, a contract's address, a point off the curve."""
    with pytest.raises(Invalid) as caught:
        await _plugin(did).resolve(did, FakeLookup())

    assert caught.value.problem.code == "INVALID_DID"


@pytest.mark.parametrize(
    "did",
    [
        "did:pkh:cosmos:cosmoshub-3:cosmos1t2uflqwqe0fsj0shcfkrvpukewcw40yjj6hdc0",
        f"did:ethr:artis_t1:{_ETHEREUM}",
        f"did:tz:delphinet:{_TEZOS}",
    ],
)
async def test_chain_that_is_not_known_is_undecided(did: str) -> None:
    """There are more chains than are known here, and they are not wrong for that."""
    with pytest.raises(Unavailable) as caught:
        await _plugin(did).resolve(did, FakeLookup())

    assert caught.value.problem.code == "METHOD_NOT_SUPPORTED"


def test_which_methods_have_a_chain_that_could_say_otherwise() -> None:
    """did:pkh has no registry; the owner of a did:ethr or did:tz can change its keys on the chain."""
    assert [plugin.chain is not None for plugin in (pkh.PLUGIN, ethr.PLUGIN, tz.PLUGIN)] == [False, True, True]


_DIDKIT = """
import asyncio, didkit, json, os, sys
async def main():
    print(json.dumps([json.loads(await didkit.resolve_did(did, "{}")) for did in sys.argv[1:]]), flush=True)
    os._exit(0)  # it has crashed at the end of a process
asyncio.run(main())
"""


async def test_didkit_says_the_same() -> None:
    """A second implementation derives the same methods; about a did:tz it asks the network, so it is not asked."""
    pytest.importorskip("didkit")
    dids = sorted({did for did, _, _ in _RESOLVED if did.split(":")[1] in {"pkh", "ethr"} and "sepolia" not in did})
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", _DIDKIT, *dids, stdout=subprocess.PIPE)
    output, _ = await process.communicate()

    for did, theirs in zip(dids, json.loads(output), strict=True):
        ours, _ = await _plugin(did).resolve(did, FakeLookup())
        expected: dict[str, Any] = {method["id"]: method for method in theirs["verificationMethod"]}
        assert expected == {url: method for url, method in ours.methods.items() if url in expected}
