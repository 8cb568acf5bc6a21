"""Tests of `resolvers.did`."""
