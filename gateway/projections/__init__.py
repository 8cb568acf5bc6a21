"""The normalized result in the shape of another standard, one file each."""
