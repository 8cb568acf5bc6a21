"""Tests of `gateway.canonical`."""
