"""Facts from the world: DID documents, status lists, trust registries, contexts. A leaf library."""
