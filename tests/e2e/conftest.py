"""Fixtures for the tests of the page."""

from tests.support.browser import browser, tab

__all__ = ["browser", "tab"]
