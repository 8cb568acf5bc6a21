"""Fuzzers: whatever is presented, fetched or configured is answered, and nothing but a documented error is raised.

`python -m tests.fuzz --seconds 60` runs every target for a minute; `NAME…` names some; `--atheris` lets libFuzzer
choose the octets where the extra `fuzz` is installed. A crash is printed with what reproduces it.
"""
