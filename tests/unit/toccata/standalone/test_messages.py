"""The message when standalone cannot start: one line that says what to do, never a trace."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.disk import can_mount, closed, tiny
from toccata.standalone.child import Child, ChildSpec, Output
from toccata.standalone.disk import disk_problem
from toccata.standalone.port import free_port
from toccata.standalone.settings import StandaloneSettings
from toccata.standalone.system import System
from toccata.standalone.terminal import Terminal
from toccata.standalone.web_sign_in import SignIn

ROOT = Path(__file__).parents[4]
needs_mounts = pytest.mark.skipif(os.geteuid() == 0 and not can_mount(), reason="root here cannot mount")


def refused(home: Path, module: str = "toccata.standalone", *arguments: str, **settings: str) -> str:
    """Return its one line. It is quick, because there are no servers to start."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TOCCATA_")}
    ran = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**clean, "TOCCATA_HOME": str(home), "TOCCATA_WEB_PORT": "0", **settings},
        timeout=60,
        check=False,
    )
    assert ran.returncode in {1, 2}
    assert "Traceback" not in ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def test_a_setting_that_is_wrong_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path).startswith("Toccata: TOCCATA_WEB_PORT is wrong: Input should be greater than")


@needs_mounts
def test_a_data_directory_that_is_not_writable_is_named(tmp_path: Path) -> None:
    with closed(tmp_path / "closed") as folder:
        said = refused(folder / "home", TOCCATA_WEB_PORT=str(free_port()))
    assert said.startswith(f"Toccata: {folder}/home cannot be used as the data directory: ")
    assert "set TOCCATA_HOME" in said
    assert len(said.splitlines()) == 1


def test_a_log_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("")
    said = refused(tmp_path, TOCCATA_WEB_PORT=str(free_port()))
    assert said == (
        f"Toccata: {tmp_path}/log cannot be used: File exists. Fix this, or set TOCCATA_HOME to another folder.\n"
    )


@pytest.mark.skipif(not can_mount(), reason="only root can mount a small disk")
def test_a_full_disk_is_reported_before_servers_start(tmp_path: Path) -> None:
    with tiny(tmp_path / "disk") as home:
        said = refused(home, TOCCATA_WEB_PORT=str(free_port()))
    assert said.startswith("Toccata: Only ")
    assert f"MiB are free for {home}" in said
    assert "Make room" in said


def test_a_weak_password_is_reported_at_once_and_not_after_five_restarts_of_web(tmp_path: Path) -> None:
    said = refused(tmp_path, TOCCATA_WEB_PORT=str(free_port()), TOCCATA_AUTH_PASSWORD="weak")
    assert said.startswith("Toccata: TOCCATA_AUTH_PASSWORD must have 8 to 256 characters")
    assert len(said.splitlines()) == 1


def test_a_cache_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")
    folder = tmp_path / "cache" / "toccata"
    said = refused(tmp_path, "toccata.standalone.kafka_jars", str(folder))
    assert said.startswith(f"Apache Kafka cannot be kept in {folder}: ")
    assert "XDG_CACHE_HOME" in said


def test_a_run_json_that_cannot_be_written_does_not_stop_the_system(tmp_path: Path) -> None:
    (tmp_path / "run.json").mkdir()
    screen = io.StringIO()
    settings = StandaloneSettings(home=tmp_path)
    sign_in = SignIn("a@b", "x")
    System(
        settings, tmp_path, Terminal(screen), None, None, "k:1", "postgresql://h/d", [], sign_in, True
    ).write_run_file()
    assert screen.getvalue().startswith("Commands may not find this system: ")
    assert "run.json" in screen.getvalue()


@pytest.mark.anyio
async def test_a_log_on_a_full_disk_neither_blocks_the_child_nor_prints_a_trace(
    capfd: pytest.CaptureFixture[str],
) -> None:
    count = 20_000
    code = f"for number in range({count}): print(number, 'x' * 50)"
    heard: list[str] = []
    output = Output(Path("/dev/full"), lambda _name, line: heard.append(line))
    child = await Child.spawn(ChildSpec("talker", [sys.executable, "-c", code], output))
    assert await child.wait() == 0
    await child.last_lines()
    assert len(heard) == count
    shown = capfd.readouterr()
    assert "Traceback" not in shown.err
    assert "Logging error" not in shown.err


def test_a_full_disk_is_called_full() -> None:
    said = disk_problem(OSError(28, "No space left on device"), Path("/data"))
    assert said.startswith("/data cannot be written: the disk is full. Make room")
    said = disk_problem(PermissionError(13, "Permission denied", "/data/x"), Path("/data"))
    assert said.startswith("/data/x cannot be used: Permission denied.")
