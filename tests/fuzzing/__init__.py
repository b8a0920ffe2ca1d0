"""Mutated files and their judge: what `make fuzz` and its sample in the tests are made of."""
