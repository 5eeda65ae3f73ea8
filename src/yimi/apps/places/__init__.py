"""Where and who is accountable: the tree of places, and organizations."""
