"""The simulated panorama and offer of the demonstration workspace."""
