"""How messages are made and sent."""
