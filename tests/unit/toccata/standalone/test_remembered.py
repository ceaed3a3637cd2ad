"""Files of an earlier start, which a full disk may have cut short."""

from pathlib import Path

import pytest

from toccata.standalone.orphan import end_orphan
from toccata.standalone.port import free_port, remembered_ports


def test_ports_are_remembered(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"
    first = remembered_ports(file, {"a": None})
    assert remembered_ports(file, {"a": None}) == first


@pytest.mark.parametrize("content", ["", "{", "[]", '{"a": "x"}', '{"a": 0}', '{"a": 70000}'])
def test_damaged_ports_are_chosen_again(tmp_path: Path, content: str) -> None:
    file = tmp_path / "ports.json"
    file.write_text(content)
    chosen = remembered_ports(file, {"a": None})
    assert 0 < chosen["a"] < 65536
    wanted = free_port()
    assert remembered_ports(file, {"a": wanted}) == {"a": wanted}


@pytest.mark.parametrize("content", ["", "12", "x y", "1 2 3"])
def test_a_damaged_note_of_a_process_ends_nobody(tmp_path: Path, content: str) -> None:
    (tmp_path / "pid").write_text(content)
    end_orphan(tmp_path / "pid")
