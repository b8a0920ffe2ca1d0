"""From panoramas of poverty and exports of the social offer to a signed diagnosis."""

__version__ = "0.1.0"
