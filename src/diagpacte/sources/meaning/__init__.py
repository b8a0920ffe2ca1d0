"""What a column measures: dictionary, words, qualifiers, scale."""
