"""What the tests of the page ask for."""

from tests.support.browser import browser, tab

__all__ = ["browser", "tab"]
