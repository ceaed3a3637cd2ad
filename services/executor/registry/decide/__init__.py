"""The decisions of the registry: flows, values, files. ``answer`` is what they share."""
