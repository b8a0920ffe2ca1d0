"""From observations to needs, zone by theme."""
