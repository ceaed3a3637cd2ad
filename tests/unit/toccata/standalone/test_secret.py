"""Secrets of a data directory."""

from __future__ import annotations

from pathlib import Path

from toccata.standalone.secret import FOLDER, read_secret, write_secret


def test_a_secret_is_read_back_and_closed_to_others_even_in_an_open_folder(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir(mode=0o755)
    write_secret(tmp_path, "key", "one")
    write_secret(tmp_path, "key", "two")
    assert read_secret(tmp_path, "key") == "two"
    assert [oct(path.stat().st_mode & 0o777) for path in (tmp_path / FOLDER, tmp_path / FOLDER / "key")] == [
        "0o700",
        "0o600",
    ]


def test_a_missing_secret_is_none(tmp_path: Path) -> None:
    assert read_secret(tmp_path, "key") is None
