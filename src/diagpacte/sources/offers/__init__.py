"""Exports of the social offer, conformed to one schema."""
