"""Tests of the HTTP interface's parts; the whole is tested in tests/service."""
