"""Credential status methods, one file each."""
