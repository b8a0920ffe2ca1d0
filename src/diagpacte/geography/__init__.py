"""Which communes, which zones, in which geography."""
