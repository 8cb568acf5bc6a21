"""Canonical forms: JSON (RFC 8785) and RDF (RDFC-1.0)."""
