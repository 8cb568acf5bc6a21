"""Tests of `resolvers.trust`."""
