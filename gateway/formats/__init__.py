"""Securing mechanisms and containers, one file each."""
