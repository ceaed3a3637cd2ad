"""Requests as the commands that leave web."""
