"""A small issuer world on loopback, for the demo and the tests."""
