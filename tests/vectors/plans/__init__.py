"""Every case that there is to be, by what it is about."""
