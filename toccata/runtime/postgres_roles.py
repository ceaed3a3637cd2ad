"""Makes the two roles of the projection: one that owns it and writes (the indexer), one that only reads (web).

It runs as a role that may create roles, and it may run again: after an upgrade it also hands over what another role owned.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from typing import Any, Literal, TypeAlias, get_args

import asyncpg

DatabaseRole: TypeAlias = Literal["indexer", "web"]
ROLES: tuple[DatabaseRole, ...] = get_args(DatabaseRole)
_ITERATIONS = 4096
_SALT_BYTES = 16
_LONGEST_STATEMENT = "60s"
"""Of web. Its own limit is shorter; this one also holds for a web that somebody else has taken over."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_MAKE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role}; END IF;
END $$;
ALTER ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD '{verifier}';
"""
_RIGHTS = """
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT ON DATABASE {database} TO {web};
ALTER DATABASE {database} OWNER TO {indexer};
ALTER SCHEMA public OWNER TO {indexer};
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {web};
DO $$ DECLARE name regclass; BEGIN
    FOR name IN
        SELECT oid::regclass FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relowner <> '{indexer}'::regrole
    LOOP EXECUTE format('ALTER TABLE %s OWNER TO {indexer}', name); END LOOP;
END $$;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO {web};
ALTER DEFAULT PRIVILEGES FOR ROLE {indexer} IN SCHEMA public GRANT SELECT ON TABLES TO {web};
ALTER ROLE {web} SET statement_timeout = '{timeout}';
"""


def role_name(owner: str, role: DatabaseRole) -> str:
    """The name of a role. It begins with the name of the database, so that two systems can share a server."""
    return f"{owner}_{role}"


async def put_roles(connection: asyncpg.Connection[Any], passwords: dict[DatabaseRole, str]) -> None:
    """Make the roles, or give those that exist these passwords and rights, in the connection's database."""
    database = await connection.fetchval("SELECT current_database()")
    if not _NAME.fullmatch(database):
        raise ValueError(f"the database {database} must be named with small letters, digits and underscores")
    async with connection.transaction():
        for role, password in passwords.items():
            statement = _MAKE.format(role=role_name(database, role), verifier=_verifier(password))
            await connection.execute(statement)
        names = {role: role_name(database, role) for role in ROLES}
        await connection.execute(_RIGHTS.format(database=database, timeout=_LONGEST_STATEMENT, **names))


def _verifier(password: str) -> str:
    """What the server keeps. The password itself is not sent, so that no log can have it."""
    salt = secrets.token_bytes(_SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    encoded = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${_ITERATIONS}:{encoded[0]}${encoded[1]}:{encoded[2]}"
