"""Turns rows and events into the JSON that clients read."""
