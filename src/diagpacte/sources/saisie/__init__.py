"""What people typed in saisie.xlsx: read, set beside what was known, never lost."""
