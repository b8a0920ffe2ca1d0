"""What is checked once everything is read."""
