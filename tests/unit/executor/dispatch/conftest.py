"""A fresh rig for each test."""

from __future__ import annotations

import pytest

from tests.support.rig.dispatch import DispatchRig


@pytest.fixture
def rig() -> DispatchRig:
    return DispatchRig()
