"""Fixtures that several modules share."""

from tests.support.filled_rows import read
from tests.support.web_alone import web, web_alone

__all__ = ["read", "web", "web_alone"]
