"""A fresh rig for each test."""

from __future__ import annotations

import pytest

from tests.support.rig.registry import RegistryRig


@pytest.fixture
def rig() -> RegistryRig:
    return RegistryRig()
