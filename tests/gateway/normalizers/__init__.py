"""Tests of the normalizers."""
