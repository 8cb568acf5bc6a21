"""End to end over HTTP."""
