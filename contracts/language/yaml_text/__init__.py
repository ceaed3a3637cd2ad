"""YAML text to a plain value with the position of every part, and what is wrong with a text that cannot be read.
Nothing here knows of flows, so whatever reads YAML may import it."""
