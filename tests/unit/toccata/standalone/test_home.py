"""The data directory and its run.json, damaged by a disk or a person."""

import json
import os
from pathlib import Path

import pytest

from toccata.standalone.errors import NotRunning, StandaloneError
from toccata.standalone.home import RunFile, locked_home, read_run_file, write_run_file


def running(pid: int) -> RunFile:
    return RunFile(
        pid=pid,
        url="http://localhost:8080",
        kafka_bootstrap_servers="127.0.0.1:1",
        kafka_topic_prefix="toccata.",
        database_url="postgresql://127.0.0.1:2/t",
        ready=True,
        pids={},
        health={},
    )


def test_what_was_written_is_read_while_its_writer_lives(tmp_path: Path) -> None:
    write_run_file(tmp_path, running(os.getpid()))
    assert read_run_file(tmp_path) == running(os.getpid())
    write_run_file(tmp_path, running(2**30))
    with pytest.raises(NotRunning, match="No standalone runs"):
        read_run_file(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"{}", b'{"pid": "x"}', b"\x00" * 20, b"\xff\xfe", b'{"pid": 1, "url": "http://x"}'],
)
def test_a_run_json_that_is_garbage_is_damaged_and_no_trace(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(StandaloneError, match=r"run\.json is damaged"):
        read_run_file(tmp_path)


def test_a_pid_out_of_every_range_is_nobody(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps({**running(1), "pid": 10**40}))
    with pytest.raises(NotRunning):
        read_run_file(tmp_path)


def test_a_run_json_that_is_no_file_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "run.json").mkdir()
    with pytest.raises(StandaloneError, match="cannot be read: Is a directory"):
        read_run_file(tmp_path)


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(
            StandaloneError, match=r"file/home cannot be used as the data directory: Not a directory"
        ),
        locked_home(tmp_path / "file" / "home"),
    ):
        pass


def test_a_run_json_of_deep_brackets_or_of_numbers_for_names_is_damaged_and_no_trace(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("[" * 200_000)
    with pytest.raises(StandaloneError, match=r"run\.json is damaged"):
        read_run_file(tmp_path)
    (tmp_path / "run.json").write_text(json.dumps({**running(os.getpid()), "url": 5}))
    with pytest.raises(StandaloneError, match=r"run\.json is damaged: it does not say what runs"):
        read_run_file(tmp_path)


def test_a_run_json_that_is_a_pipe_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "run.json")
    with pytest.raises(StandaloneError, match=r"run\.json is damaged: it is not a file"):
        read_run_file(tmp_path)


def test_a_run_json_that_somebody_else_planted_does_not_get_our_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run_file(tmp_path, running(os.getpid()))
    owner = (tmp_path / "run.json").stat().st_uid
    if owner == 0:
        os.chown(tmp_path / "run.json", 12_345, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(StandaloneError, match="belongs to another user"):
        read_run_file(tmp_path)
