"""Fixtures of end-to-end tests: the running system."""

from tests.support.system import own_system, system

__all__ = ["own_system", "system"]
