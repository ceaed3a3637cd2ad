"""A fresh rig for each test."""

from __future__ import annotations

import pytest

from tests.support.rig.limits import LimitRig


@pytest.fixture
def rig() -> LimitRig:
    return LimitRig()
