"""Implementations of the worker's ports."""
