"""Turns requests into commands."""
