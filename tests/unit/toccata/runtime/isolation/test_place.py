"""What is hidden from scripts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from toccata.runtime.isolation.place import hidden_paths, open_to_others


def test_data_storage_secret_files_and_further_paths_are_hidden_once(tmp_path: Path) -> None:
    for name in ("home", "home/storage", "elsewhere", "further"):
        (tmp_path / name).mkdir()
    (tmp_path / "password").write_text("hush")
    (tmp_path / "link").symlink_to("further")
    found = hidden_paths(
        tmp_path / "home",
        f"file://{tmp_path}/elsewhere",
        [tmp_path / "password", tmp_path / "missing"],
        f"{tmp_path}/link:{tmp_path}/home/storage",
    )
    assert [path.relative_to(tmp_path.resolve()).as_posix() for path in found] == [
        "elsewhere",
        "further",
        "home",
        "password",
    ]


def test_storage_elsewhere_is_no_path(tmp_path: Path) -> None:
    assert hidden_paths(tmp_path, "s3://bucket/prefix", [], "") == (tmp_path.resolve(),)


@pytest.fixture
def top() -> Iterator[Path]:
    """A folder that every user reaches. Those of pytest are closed."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_another_user_reads_what_the_rights_of_others_allow_all_the_way(top: Path) -> None:
    for folder in (top, top / "open", top / "closed"):
        folder.mkdir(exist_ok=True)
        (folder / "secret").write_text("hush")
        (folder / "secret").chmod(0o644)
    (top / "open").chmod(0o755)
    (top / "closed").chmod(0o700)
    (top / "mine").write_text("hush")
    (top / "mine").chmod(0o640)
    paths = [top / "secret", top / "open", top / "closed", top / "closed" / "secret", top / "mine"]
    assert open_to_others(paths) == [top / "secret", top / "open"]
    top.chmod(0o700)
    assert open_to_others(paths) == []
