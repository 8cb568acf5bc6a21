"""Tests of the proof suites."""
