"""Redis, and servers that speak its protocol."""
