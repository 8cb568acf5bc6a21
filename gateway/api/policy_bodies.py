"""What is sent to work on policies; the OpenAPI document has its schemas."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from policies.source import MAX_BYTES

MAX_FILES: Final = 24
"""Files at once: policies, and the facts of their tests."""
MAX_POLICIES: Final = 4
"""Policies among them: one with three generations above it. Together they may be as large as one may be (64 KiB).
Comparing children with every version of their parents takes time in the product of their sizes: a second at most."""

MAX_FACTS: Final = 2_000
"""Records at once, which the largest policy decides about in seconds; the command line takes any number."""

Reference = Annotated[str, StringConstraints(min_length=1, max_length=200)]
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]*\.(yaml|yml|json)$", max_length=200)]
Text = Annotated[str, StringConstraints(max_length=MAX_BYTES)]


class _Body(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True
    )


class Files(_Body):
    """Policy files, and facts for their tests."""

    files: Annotated[dict[FileName, Text], Field(min_length=1, max_length=MAX_FILES)]
    """By name: YAML that states a policy, or JSON that states facts. Tests name facts relative to their policy."""


class Installed(_Body):
    """A policy that is in force here."""

    policy: Reference
    """`us-al/talent-triad`, `us-al/talent-triad@3` or `us-al/talent-triad@3.1.0`."""


class Draft(_Body):
    """A policy file."""

    text: Text
    """YAML. Its parents are those that the caller sees."""


class Comparison(_Body):
    """Two policies, and records to decide about by both."""

    old: Reference | Draft
    new: Reference | Draft
    facts: Annotated[list[dict[str, Any]], Field(max_length=MAX_FACTS)] = []
    """What policies see, each as in `/v1/policies/facts-schema`."""


class Population(_Body):
    """A policy, and records to decide about."""

    policy: Reference | Draft
    facts: Annotated[list[dict[str, Any]], Field(max_length=MAX_FACTS)]
    """What policies see, each as in `/v1/policies/facts-schema`."""
