"""From the bytes of a received file to its sheets, under limits: no word of INSEE here."""
