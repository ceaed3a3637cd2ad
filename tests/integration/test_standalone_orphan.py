"""A server that outlived its supervisor: the next start waits for it, and leaves it alone if its pid now belongs to another."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from toccata.standalone.orphan import end_orphan, remember


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.wait()


def test_an_orphan_that_ends_by_itself_is_waited_for(
    sleeper: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    remember(tmp_path / "pid", sleeper.pid)
    assert sleeper.stdin is not None
    sleeper.stdin.close()
    end_orphan(tmp_path / "pid")
    # Not reaped yet, as in a container without an init. It still counts as ended.
    assert psutil.Process(sleeper.pid).status() == psutil.STATUS_ZOMBIE
    assert not (tmp_path / "pid").exists()


def test_an_orphan_that_does_not_end_is_killed(
    sleeper: subprocess.Popen[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toccata.standalone.orphan._CLOSE_SECONDS", 0.2)
    remember(tmp_path / "pid", sleeper.pid)
    end_orphan(tmp_path / "pid")
    assert sleeper.wait(10) < 0


def test_another_process_with_the_same_pid_is_left_alone(
    sleeper: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    (tmp_path / "pid").write_text(f"{sleeper.pid} 12.5")
    end_orphan(tmp_path / "pid")
    assert sleeper.poll() is None


def test_a_process_that_is_long_gone_is_forgotten(tmp_path: Path) -> None:
    gone = subprocess.Popen(["/bin/true"])
    remember(tmp_path / "pid", gone.pid)
    gone.wait()
    end_orphan(tmp_path / "pid")
    assert not (tmp_path / "pid").exists()
