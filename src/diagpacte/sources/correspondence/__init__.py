"""What a person answers in correspondance.xlsx."""
