"""``jdbc.*``: SQL databases. See the README."""
