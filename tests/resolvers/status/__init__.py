"""Tests of `resolvers.status`."""
