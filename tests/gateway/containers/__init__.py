"""Tests of what holds records."""
