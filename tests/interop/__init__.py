"""Interoperability with second implementations, which `package.json` pins."""
