"""The gateway beside its peers and beside the floor, in one run: `python -m benchmarks`."""
