"""What a process of ours shows to other processes of its user."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from toccata.runtime.privacy import kept_password, private_folder, write_private

PROGRAM = """
import ctypes, os, sys
from toccata.runtime.privacy import keep_private
if len(sys.argv) == 1:
    os.setuid(12345)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # as after exec
keep_private()
if len(sys.argv) > 1:
    open(sys.argv[1], "w").close()
print("ready", flush=True)
sys.stdin.read()
"""


def test_an_existing_data_directory_that_everybody_could_read_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o755)
    private_folder(folder)
    private_folder(tmp_path / "new")
    assert stat.S_IMODE(folder.stat().st_mode) == stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_a_file_with_a_secret_is_replaced_as_a_whole_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("open to all")
    file.chmod(0o644)
    (tmp_path / ".key.part").symlink_to(tmp_path / "elsewhere")
    write_private(file, "secret")
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("secret", 0o600)
    assert [each.name for each in tmp_path.iterdir()] == ["key"]


def test_a_password_is_made_once_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "password"
    made = kept_password(file)
    assert len(made) == 32
    assert kept_password(file) == made
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_new_files_are_for_the_owner_alone(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", PROGRAM, str(tmp_path / "file")]
    subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True, timeout=60)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be two processes of another user")
def test_environment_and_memory_are_hidden_from_other_processes_of_the_same_user() -> None:
    argv = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        read = [f"cat /proc/{process.pid}/{name}" for name in ("environ", "maps")]
        tried = [
            subprocess.run(["/bin/sh", "-c", each], user=12345, capture_output=True, check=False)
            for each in read
        ]
        process.stdin.close()
    assert [each.returncode for each in tried] == [1, 1]
    assert all(b"Permission denied" in each.stderr for each in tried)
