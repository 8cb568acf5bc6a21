"""`resolvers.accounts`."""

from __future__ import annotations

import pytest

from resolvers import accounts


@pytest.mark.parametrize(
    "text",
    [
        # CAIP-10, "Test Cases"
        "eip155:1:0xab16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb",
        "bip122:000000000019d6689c085ae165831e93:128Lkh3S7CkDTBZ8W7BbpsN3YYizJMp8p6",
        "cosmos:cosmoshub-3:cosmos1t2uflqwqe0fsj0shcfkrvpukewcw40yjj6hdc0",
        "polkadot:b0a8d493285c2df73290dfb7e61f870f:5hmuyxw9xdgbpptgypokw4thfyoe3ryenebr381z9iaegmfy",
        "starknet:SN_GOERLI:0x02dd1b492765c064eac4039e3841aa5f382773b598097a40073bd8b48170ab57",
        "chainstd:8c3444cf8970a9e41a706fab93e7a6c4:6d9b0b4b9994e8a6afbd3dc3ed983cd51c755afb27cd1dc7825ef59c134a39f7",
        "hedera:mainnet:0.0.1234567890-zbhlt",
    ],
)
def test_published_examples(text: str) -> None:
    """The specification's examples are account ids."""
    assert accounts.is_account_id(text)


@pytest.mark.parametrize(
    "text", ["", "eip155", "eip155:1", "eip155::0xab", "ab:1:0xab", "EIP155:1:0xab", "eip155:1:", "eip155:1:0xab\n"]
)
def test_other_text(text: str) -> None:
    """A part that is missing, or has other characters or another length than the syntax allows."""
    assert not accounts.is_account_id(text)
