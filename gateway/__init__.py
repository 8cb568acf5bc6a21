"""Verifies, normalizes and serves learning and employment records."""
