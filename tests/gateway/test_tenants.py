"""API keys and limits of tenants."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.config import load
from gateway.tenants import Tenants, TokenBucket, new_key

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def tenants(**tables: Any) -> Tenants:
    """Return the tenants of a configuration."""
    return Tenants(load(flags={"tenants": tables}), now=lambda: NOW)


def key(text: str, expires: datetime = NOW + timedelta(days=1)) -> dict[str, Any]:
    """Return the configuration's entry of a key."""
    return {"prefix": text[:12], "sha256": hashlib.sha256(text.encode()).hexdigest(), "expires": expires}


class TestKeys:
    """Who is let in."""

    def test_a_key_names_its_tenant(self) -> None:
        """Each of a tenant's keys opens for that tenant."""
        old, new, other = (new_key()[0] for _ in range(3))
        known = tenants(acme={"keys": [key(old), key(new)]}, other={"keys": [key(other)]})

        found = [known.authenticate(f"Bearer {one}") for one in (old, new, other)]

        assert [caller.name if caller else None for caller in found] == ["acme", "acme", "other"]

    @pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer nonsense", "Basic abc", "Bearer \udc80"])
    def test_without_a_key_nobody_is_let_in(self, header: str | None) -> None:
        """An absent or malformed header is nobody's."""
        assert tenants(acme={"keys": [key(new_key()[0])]}).authenticate(header) is None

    def test_the_prefix_alone_opens_nothing(self) -> None:
        """A prefix is public; the hash is over the whole key."""
        known, prefix, _ = new_key()
        door = tenants(acme={"keys": [key(known)]})

        assert door.authenticate(f"Bearer {prefix}") is None
        assert door.authenticate(f"Bearer {known[:-1]}") is None
        assert door.authenticate(f"Bearer {known}x") is None

    def test_a_key_ends_at_its_expiry(self) -> None:
        """At the instant of expiry the key is refused, a second before it is not."""
        ended, ending = new_key()[0], new_key()[0]
        known = tenants(acme={"keys": [key(ended, NOW), key(ending, NOW + timedelta(seconds=1))]})

        assert known.authenticate(f"Bearer {ended}") is None
        assert known.authenticate(f"bearer {ending}") is not None

    def test_without_tenants_everybody_is_the_same_caller_without_limits_of_rate(self) -> None:
        """On loopback no key is asked, and one that is sent means nothing."""
        caller = tenants().authenticate("Bearer anything")

        assert caller is not None
        assert (caller.name, caller.bucket, caller.default_policy) == ("", None, None)
        assert caller.sees("any/policy")
        assert caller.reads_metrics

    def test_a_new_key_has_256_bits_and_its_hash(self) -> None:
        """What is printed is what the configuration takes."""
        text, prefix, digest = new_key()

        assert re.fullmatch(r"ler_[a-z2-7]{8}_[A-Za-z0-9_-]{43}", text)
        assert text.startswith(f"{prefix}_")
        assert digest == hashlib.sha256(text.encode()).hexdigest()
        assert load(flags={"tenants.a.keys": [key(text)]}).tenants["a"].keys[0].sha256 == digest


class TestVisibility:
    """What a tenant sees."""

    def test_T55_a_tenant_sees_its_policies_only(self) -> None:
        """By default none, else what its patterns name."""
        known = new_key()[0]
        closed = tenants(acme={"keys": [key(known)]}).authenticate(f"Bearer {known}")
        listed = tenants(acme={"keys": [key(known)], "policies": ["us-al/*", "employer/acme"]})
        caller = listed.authenticate(f"Bearer {known}")

        assert closed is not None
        assert caller is not None
        assert not closed.sees("us-al/talent-triad")
        assert caller.sees("us-al/talent-triad")
        assert caller.sees("employer/acme")
        assert not caller.sees("employer/acme-secret")
        assert not caller.reads_metrics


class TestTokenBucket:
    """How often a tenant may ask."""

    def test_a_burst_passes_and_then_the_rate_counts(self) -> None:
        """After the burst the wait is until the next token, and no longer."""
        now = [0.0]
        bucket = TokenBucket(2.0, 3, clock=lambda: now[0])

        assert [bucket.take() for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
        now[0] = 0.5
        assert [bucket.take(), bucket.take()] == [0.0, 0.5]

    def test_tokens_do_not_pile_up_beyond_the_burst(self) -> None:
        """A quiet hour does not allow a flood."""
        now = [0.0]
        bucket = TokenBucket(1.0, 2, clock=lambda: now[0])
        now[0] = 3600.0

        assert [bucket.take() for _ in range(3)] == [0.0, 0.0, 1.0]
