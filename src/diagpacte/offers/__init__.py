"""From offers as published to offers placed and answering a theme."""
