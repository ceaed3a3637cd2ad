"""Turns events into row changes. Pure."""
