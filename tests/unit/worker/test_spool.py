"""Outcomes outlive the process, each with its address."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.address import OUTCOMES, ReplyTo
from services.worker.adapters.spool import FileSpool, left_in
from services.worker.ports import Outcome
from tests.support.disk import can_mount, tiny

HERE, THERE = Outcome(ReplyTo(OUTCOMES, "e1"), b'{"a":1}'), Outcome(ReplyTo("others", "k 2"), b'{"b":2}')


def test_what_is_kept_is_found_again_with_its_address(tmp_path: Path) -> None:
    FileSpool(tmp_path / "spool").keep([HERE, THERE])
    assert left_in(tmp_path / "spool") == [HERE, THERE]


def test_a_line_of_before_has_no_topic_and_a_torn_one_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "spool").write_bytes(b'e1\t{"a":1}\n' + b'others\tk 2\t{"b":2}\n' + b"others\tk 3\t{")
    assert left_in(tmp_path / "spool") == [HERE, THERE]


def test_nothing_is_left_once_everything_is_acknowledged(tmp_path: Path) -> None:
    spool = FileSpool(tmp_path / "spool")
    spool.keep([HERE])
    spool.release(1)
    spool.close()
    assert (tmp_path / "spool").read_bytes() == b""


@pytest.mark.skipif(not can_mount(), reason="needs a mount")
def test_a_full_disk_tears_no_line_and_what_fits_later_is_kept(tmp_path: Path) -> None:
    with tiny(tmp_path / "disk", "64k") as disk:
        (disk / "other").write_bytes(b"x" * 60 * 1024)
        spool = FileSpool(disk / "spool")
        spool.keep([Outcome(HERE.to, b"y" * 6 * 1024)])
        spool.keep([Outcome(HERE.to, b"y" * 6 * 1024)])
        (disk / "other").unlink()
        spool.keep([THERE])
        assert left_in(disk / "spool") == [THERE]
        spool.release(3)
        spool.close()
