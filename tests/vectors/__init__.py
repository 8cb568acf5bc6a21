"""Other implementations' data."""
