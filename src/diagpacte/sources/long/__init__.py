"""Tables in long form (SDMX and the like): one row a value."""
