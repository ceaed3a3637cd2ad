"""Which sign-ins a service gets that a person starts on a standalone's own servers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from toccata.cli import process
from toccata.cli.errors import CommandError
from toccata.cli.target.value import Target, Value


def a_target(home: Path, *, with_roles: bool) -> Target:
    def value(text: str) -> Value:
        return Value(text, "a test")

    return Target(
        home=home,
        url=value("http://localhost:1"),
        username=value("u"),
        password=value("p"),
        kafka=value("localhost:2"),
        topic_prefix=value("toccata."),
        database=value("postgresql://toccata:administrator@127.0.0.1:3/toccata"),
        postgres_users=home if with_roles else None,
    )


@pytest.fixture
def became(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, str]]]:
    """The programs that would take this process's place, with their environments."""
    found: list[tuple[str, dict[str, str]]] = []

    def note(program: str, arguments: list[str], environment: dict[str, str]) -> None:
        assert program == arguments[0]
        found.append((arguments[2], environment))

    monkeypatch.setattr(os, "execve", note)
    return found


def test_a_rebuild_signs_in_to_the_database_as_the_indexer(
    tmp_path: Path, became: list[tuple[str, dict[str, str]]]
) -> None:
    """As the administrator it would own the tables that it makes, and the indexer could not change them."""
    (tmp_path / "password.indexer").write_text("secret")
    process.rebuild(a_target(tmp_path, with_roles=True), accept_loss=False)
    ((module, environment),) = became
    assert module == "services.indexer.rebuild"
    assert environment["TOCCATA_DATABASE_URL"] == "postgresql://toccata_indexer:secret@127.0.0.1:3/toccata"


def test_a_database_of_ones_own_has_its_user_in_its_address(
    tmp_path: Path, became: list[tuple[str, dict[str, str]]]
) -> None:
    process.rebuild(a_target(tmp_path, with_roles=False), accept_loss=False)
    process.serve(a_target(tmp_path, with_roles=False), "web")
    for _, environment in became:
        assert environment["TOCCATA_DATABASE_URL"].startswith("postgresql://toccata:administrator@")


def test_a_service_without_tables_gets_no_address_of_the_database(
    tmp_path: Path, became: list[tuple[str, dict[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TOCCATA_DATABASE_URL", raising=False)
    process.serve(a_target(tmp_path, with_roles=True), "worker")
    assert "TOCCATA_DATABASE_URL" not in became[0][1]


def test_a_password_that_cannot_be_read_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"password\.indexer cannot be read"):
        process.rebuild(a_target(tmp_path, with_roles=True), accept_loss=False)
