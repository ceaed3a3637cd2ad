"""The sign-in that the data directory keeps: made once, for its owner alone, and believed from its owner alone."""

import json
import os
import stat
from pathlib import Path

import pytest

from toccata.runtime.credential import password_problem
from toccata.standalone.errors import StandaloneError
from toccata.standalone.home import RunFile, write_run_file
from toccata.standalone.web_sign_in import FILE, SignIn, kept_sign_in, read_sign_in


def test_a_password_is_made_at_the_first_start_and_kept(tmp_path: Path) -> None:
    first = kept_sign_in(tmp_path)
    assert first.username == "admin@kestra.io"
    assert password_problem(first.username, first.password, is_reachable=True) == ""
    assert kept_sign_in(tmp_path) == first == read_sign_in(tmp_path)
    assert first.password not in repr(first)


def test_two_data_directories_have_two_passwords(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert kept_sign_in(tmp_path / "a").password != kept_sign_in(tmp_path / "b").password


def test_another_name_keeps_the_password(tmp_path: Path) -> None:
    first = kept_sign_in(tmp_path)
    assert kept_sign_in(tmp_path, "me@here") == SignIn("me@here", first.password)
    assert kept_sign_in(tmp_path).username == "me@here"


def test_nobody_else_can_read_it_whatever_the_umask_was(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        kept_sign_in(tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    (tmp_path / FILE).chmod(0o644)
    kept_sign_in(tmp_path)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_not_believed(tmp_path: Path) -> None:
    """Who could plant it would know the password of a system that is about to start."""
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text(json.dumps({"username": "a@b", "password": "Planted-1"}))
    os.chown(tmp_path / FILE, 12_345, -1)
    for read in (read_sign_in, kept_sign_in):
        with pytest.raises(StandaloneError, match="not believed"):
            read(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"username": 1, "password": "x"}'])
def test_a_damaged_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text(content)
    with pytest.raises(StandaloneError, match=r"sign-in\.json is damaged: delete it"):
        kept_sign_in(tmp_path)


def test_a_run_json_holds_no_sign_in(tmp_path: Path) -> None:
    """People copy it into reports, and monitoring reads it. Whoever has it cannot sign in."""
    assert not {"username", "password", "token"} & set(RunFile.__annotations__)
    made = kept_sign_in(tmp_path)
    write_run_file(
        tmp_path,
        RunFile(
            pid=1,
            url="http://localhost:1",
            kafka_bootstrap_servers="k:1",
            kafka_topic_prefix="toccata.",
            database_url="postgresql://h/d",
            ready=True,
            pids={},
            health={},
            sign_in_kept=True,
        ),
    )
    assert made.password not in (tmp_path / "run.json").read_text()
