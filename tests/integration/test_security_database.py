"""The embedded PostgreSQL has a role for each service that uses it: web reads and nothing else, and nobody gets in without a password."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from services.indexer.adapters.migration import migrate
from toccata.standalone.postgres import EmbeddedPostgres

pytestmark = [pytest.mark.servers, pytest.mark.anyio, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedPostgres]:
    """With the indexer's schema, made by the indexer's role."""
    postgres = EmbeddedPostgres(tmp_path_factory.mktemp("roles") / "postgres")
    await postgres.start()
    try:
        indexer = await asyncpg.connect(postgres.url_of("indexer"))
        await migrate(indexer)
        await indexer.close()
        yield postgres
    finally:
        await postgres.stop()


async def test_the_indexers_role_owns_the_schema_and_is_no_super_user(server: EmbeddedPostgres) -> None:
    indexer = await asyncpg.connect(server.url_of("indexer"))
    try:
        await indexer.execute("CREATE TABLE later (line text); INSERT INTO later VALUES ('written')")
        assert await indexer.fetchval("SHOW is_superuser") == "off"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await indexer.execute("COPY later FROM PROGRAM 'id'")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await indexer.execute("CREATE ROLE mallory SUPERUSER")
    finally:
        await indexer.close()


async def test_web_reads_everything_also_tables_of_later_migrations(server: EmbeddedPostgres) -> None:
    indexer = await asyncpg.connect(server.url_of("indexer"))
    await indexer.execute(
        "CREATE TABLE of_a_later_migration (line text); INSERT INTO of_a_later_migration VALUES ('x')"
    )
    await indexer.close()
    web = await asyncpg.connect(server.url_of("web"))
    try:
        assert await web.fetchval("SELECT count(*) FROM executions") == 0
        assert await web.fetchval("SELECT line FROM of_a_later_migration") == "x"
        await web.add_listener("projection", lambda *_: None)
        assert await web.fetchval("SHOW statement_timeout") == "1min"
    finally:
        await web.close()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO projection_migrations (version, name, checksum) VALUES (99, 'x', 'x')",
        "UPDATE flows SET namespace = 'mine'",
        "DELETE FROM executions",
        "TRUNCATE executions",
        "DROP TABLE executions",
        "ALTER TABLE executions ADD COLUMN mine text",
        "CREATE TABLE mine (line text)",
        "CREATE TEMPORARY TABLE mine (line text)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE ROLE mallory",
        "ALTER ROLE toccata_web SUPERUSER",
        "SET ROLE toccata_indexer",
        "SET SESSION AUTHORIZATION toccata",
        "COPY (SELECT 1) TO PROGRAM 'id'",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT rolpassword FROM pg_authid",
    ],
)
async def test_webs_role_cannot(server: EmbeddedPostgres, statement: str) -> None:
    web = await asyncpg.connect(server.url_of("web"))
    try:
        # Also if somebody switches off what web's pool switches on.
        await web.execute("SET default_transaction_read_only = off")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await web.execute(statement)
    finally:
        await web.close()


@pytest.mark.parametrize("user", ["toccata", "toccata_indexer", "toccata_web", "postgres", "nobody"])
async def test_nobody_gets_in_without_the_password(server: EmbeddedPostgres, user: str) -> None:
    place = urlsplit(server.url)
    for password in (None, "", "guessed"):
        with pytest.raises(
            (asyncpg.InvalidPasswordError, asyncpg.InternalClientError, asyncpg.InterfaceError)
        ):
            await asyncpg.connect(
                host=place.hostname,
                port=place.port,
                user=user,
                database="toccata",
                password=password,
                passfile="/dev/null",
            )


async def test_another_user_of_the_machine_reads_no_password_and_reaches_no_socket(
    server: EmbeddedPostgres,
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    folder = server.data_directory
    port = urlsplit(server.url).port
    (sockets,) = {file.parent for file in server.socket_directory.glob(f".s.PGSQL.{port}")}
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    for file in (folder / "password", folder / "password.web", folder / "password.indexer"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    outcomes = as_another_user(
        lambda: socket.socket(socket.AF_UNIX).connect(str(sockets / f".s.PGSQL.{port}")),
        *(partial(open, folder / name) for name in ("password", "password.web", "password.indexer")),
    )
    assert outcomes == ["PermissionError"] * 4


def as_another_user(*acts: Callable[[], object]) -> list[str]:
    """What becomes of each act in a process of a user that is neither root nor the account of the server."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(65533)
            os.setuid(65533)
            os.write(writing, " ".join(outcome_of(act) for act in acts).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        said = stream.read()
    os.waitpid(child, 0)
    return said.split()


def outcome_of(act: Callable[[], object]) -> str:
    try:
        act()
    except OSError as error:
        return type(error).__name__
    return "open"


async def test_tables_of_an_earlier_version_are_handed_to_the_indexer(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path / "postgres")
    await postgres.start()
    try:
        before = await asyncpg.connect(postgres.url)
        await migrate(before)
        await before.close()
        (tmp_path / "postgres" / "roles.made").unlink()
        await postgres.restart()
        indexer = await asyncpg.connect(postgres.url_of("indexer"))
        await indexer.execute("ALTER TABLE executions ADD COLUMN later text")
        await indexer.close()
        web = await asyncpg.connect(postgres.url_of("web"))
        assert await web.fetchval("SELECT count(*) FROM executions") == 0
        await web.close()
    finally:
        await postgres.stop()
