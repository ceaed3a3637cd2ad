"""A fresh rig for each test."""

from __future__ import annotations

import pytest

from tests.support.rig.triggers import TriggerRig


@pytest.fixture
def rig() -> TriggerRig:
    return TriggerRig()
