"""Embedded proof suites, one file each."""
