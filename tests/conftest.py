"""Hypothesis profiles, and the fixtures that every test may use: real servers, an event loop."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = [
    "tests.support.second_run",
    "tests.support.servers",
    "tests.support.topics",
    "tests.support.system",
    "tests.support.page",
    "tests.support.engine",
]

settings.register_profile(
    "gate", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("deep", parent=settings.get_profile("gate"), max_examples=3000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "asyncio", {"use_uvloop": True}
