"""Tests of `resolvers.contexts`."""
