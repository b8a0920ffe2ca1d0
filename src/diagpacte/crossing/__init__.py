"""Needs and offers, crossed."""
