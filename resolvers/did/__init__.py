"""DID methods, one file each."""
