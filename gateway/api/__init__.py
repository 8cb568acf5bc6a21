"""The HTTP interface, one module an API family."""
