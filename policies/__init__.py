"""Decides. Pure: no I/O, no clock, no event loop. Same facts in, same decision out."""
