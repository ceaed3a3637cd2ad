"""The worker's folder: whose it is, while others come and go."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from services.worker.adapters import workspace as module
from services.worker.adapters.workspace import Workspace, claimed
from toccata.runtime.errors import Fatal


async def test_a_worker_waits_until_another_has_inherited_from_it(tmp_path):
    """It was dead for a moment, and a worker that started meanwhile sends what it had not reported."""
    first = Workspace(tmp_path, "w2", "default")
    first.settle()
    os.close(first._locks[0])  # as the kernel does when w2 is killed
    heir = Workspace(tmp_path, "w1", "default")
    assert [legacy.worker_id for legacy in heir.inherit()] == ["w2"]
    waiting = asyncio.create_task(claimed(tmp_path, "w2", "default"))
    done, _ = await asyncio.wait({waiting}, timeout=0.3)
    assert not done
    heir.settle()
    again = await asyncio.wait_for(waiting, 5)
    again.settle()
    assert (again.folder / "identity").exists()
    with pytest.raises(Fatal):
        Workspace(tmp_path, "w2", "default")


async def test_a_living_namesake_is_fatal_in_the_end(tmp_path):
    living = Workspace(tmp_path, "w1", "default")
    with pytest.raises(Fatal, match="TOCCATA_INSTANCE"):
        await claimed(tmp_path, "w1", "default", seconds=0)
    living.leave()
    (await claimed(tmp_path, "w1", "default", seconds=0)).leave()


def test_the_lock_of_a_removed_folder_is_no_lock(tmp_path, monkeypatch):
    folder = tmp_path / "w1"
    folder.mkdir()
    opened = os.open

    def remove_after_opening(path: os.PathLike[str], flags: int, mode: int = 0o777) -> int:
        descriptor = opened(path, flags, mode)
        Path(path).unlink()
        return descriptor

    monkeypatch.setattr(os, "open", remove_after_opening)
    assert module._locked(folder) is None
