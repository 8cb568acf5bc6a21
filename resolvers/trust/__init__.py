"""Trust sources, one file each."""
