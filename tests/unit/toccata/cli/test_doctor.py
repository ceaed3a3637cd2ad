"""What the doctor concludes from what it has seen."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from toccata.cli.doctor.address import addresses
from toccata.cli.doctor.database import compared, of_version
from toccata.cli.doctor.disk import disk_space, storage
from toccata.cli.doctor.examine import needs_embedded_kafka
from toccata.cli.doctor.finding import Finding, conclusion
from toccata.cli.target.resolve import Defaults, resolve
from toccata.cli.target.value import Given

MEBIBYTE = 1024 * 1024


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.parametrize(("free", "verdict"), [(100, "bad"), (1000, "warn"), (10_000, "ok")])
def test_a_disk_that_fills_is_said_before_it_is_full(monkeypatch, free, verdict):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, free * MEBIBYTE))
    found = disk_space(Path("/nowhere/home"))
    assert found.verdict == verdict
    assert found.text == f"{free:,} MiB are free for /nowhere/home"
    assert bool(found.advice) == (verdict != "ok")


def test_storage_on_a_file_is_said(tmp_path, monkeypatch):
    monkeypatch.delenv("TOCCATA_STORAGE_URL", raising=False)
    (tmp_path / "storage").write_text("")
    assert storage(tmp_path).verdict == "bad"
    assert storage(tmp_path / "new").text.endswith("will be made")


def test_migrations_that_are_missing_newer_or_changed_are_named():
    assert compared({}, {1: "a"}).text == "migrations [1] are not applied"
    assert compared({1: "a", 2: "b"}, {1: "a"}).text == "has migrations [2] of a newer version"
    assert compared({1: "x"}, {1: "a"}).text == "migrations [1] differ"
    assert compared({1: "a"}, {1: "a"}).verdict == "ok"


def test_an_old_postgresql_is_a_warning_unless_worse_is_wrong():
    good = compared({1: "a"}, {1: "a"})
    assert of_version(18, 6, good).text == "PostgreSQL 18.6 answers, 1 migrations applied"
    assert of_version(16, 1, good).verdict == "warn"
    assert of_version(16, 1, compared({}, {1: "a"})).verdict == "bad"


def test_addresses_that_nobody_named_are_warned_of():
    target = resolve({"TOCCATA_URL": "http://x"}, Given(), None, Defaults("a"), Path("/h"))
    first, *unknown = addresses(target)
    assert first.text.startswith("from TOCCATA_URL;")
    *unknown, sign_in = unknown
    assert (sign_in.verdict, sign_in.text) == ("warn", "Nothing says how to sign in to this system.")
    assert [(each.verdict, each.advice) for each in unknown] == [
        ("warn", "Set TOCCATA_KAFKA_BOOTSTRAP_SERVERS or give --kafka."),
        ("warn", "Set TOCCATA_DATABASE_URL."),
    ]


def test_the_conclusion_is_that_of_the_worst():
    ok, warn, bad = (Finding("x", verdict, "") for verdict in ("ok", "warn", "bad"))
    assert conclusion([ok]) == "All is well."
    assert conclusion([ok, warn]) == "Nothing is broken; see the warnings."
    assert conclusion([ok, warn, bad]) == "1 of 3 parts need something."


@pytest.mark.parametrize(
    ("variables", "needed"),
    [({}, True), ({"TOCCATA_KAFKA_BOOTSTRAP_SERVERS": "kafka:9092"}, False)],
)
def test_who_names_a_kafka_needs_no_embedded_one(variables, needed):
    target = resolve(variables, Given(), None, Defaults("a"), Path("/h"))
    assert needs_embedded_kafka(target, None) is needed
