"""The version of this installation."""

from __future__ import annotations


def version() -> str:
    """As its package says; a source tree that was never installed has none."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("toccata")
    except PackageNotFoundError:
        return "(not installed)"
