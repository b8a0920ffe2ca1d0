"""THE WAY IN: from a path to a checked table."""
