"""What is run by hand, now and then, to keep the tree up to date."""
