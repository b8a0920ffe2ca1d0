"""THE WAY OUT: published tables into what people read."""
