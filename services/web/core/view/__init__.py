"""Rows and events as the JSON that clients read."""
