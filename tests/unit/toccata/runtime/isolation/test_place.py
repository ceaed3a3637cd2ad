"""What is hidden from scripts."""

from __future__ import annotations

from pathlib import Path

from toccata.runtime.isolation.place import hidden_paths


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
