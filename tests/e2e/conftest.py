"""What the tests of the page ask for."""

from tests.support.browser import browser, built_page, tab

__all__ = ["browser", "built_page", "tab"]
