"""The passwords of the embedded PostgreSQL, each readable by its owner only: of the role that administers it, of the one that writes
the projection, and of the one that reads it. Every user of the machine can reach loopback, so each needs one."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncpg

from toccata.runtime.postgres_roles import ROLES, DatabaseRole, put_roles, role_name
from toccata.runtime.privacy import kept_password
from toccata.standalone.errors import StandaloneError

ADMINISTRATOR = "toccata"
"""Also the name of the database."""
_RIGHTS_VERSION = 1
"""Goes up when the rights change, so that the next start hands them out again."""


class PostgresUsers:
    def __init__(self, directory: Path) -> None:
        self._mark_file = directory / "roles.made"
        self.administrator = kept_password(directory / "password")
        self._passwords: dict[DatabaseRole, str] = {
            role: kept_password(_file(directory, role)) for role in ROLES
        }

    def sign_in(self, role: DatabaseRole | None) -> str:
        """``user:password`` of a role, or of the administrator."""
        if role is None:
            return f"{ADMINISTRATOR}:{self.administrator}"
        return _sign_in(role, self._passwords[role])

    @property
    def are_made(self) -> bool:
        return self._mark_file.exists() and self._mark_file.read_text() == self._mark()

    async def make(self, connect: Callable[[], Any]) -> None:
        """Make the roles in the running server. A data directory of an earlier version gets them here, too."""
        connection: asyncpg.Connection[Any] = await connect()
        try:
            await put_roles(connection, self._passwords)
        finally:
            await connection.close()
        self._mark_file.write_text(self._mark())

    def _mark(self) -> str:
        return sha256(repr((_RIGHTS_VERSION, sorted(self._passwords.items()))).encode()).hexdigest()


def kept_sign_in(directory: Path, role: DatabaseRole) -> str:
    """``user:password`` of a role that an earlier start made. Raises StandaloneError if it cannot be read. Makes nothing."""
    file = _file(directory, role)
    try:
        return _sign_in(role, file.read_text())
    except OSError as error:
        raise StandaloneError(f"{file} cannot be read: {error.strerror}.") from error


def _file(directory: Path, role: DatabaseRole) -> Path:
    return directory / f"password.{role}"


def _sign_in(role: DatabaseRole, password: str) -> str:
    return f"{role_name(ADMINISTRATOR, role)}:{password}"
