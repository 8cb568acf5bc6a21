"""JSON-LD contexts, pinned by digest."""
