"""``toccata settings check``: reads the settings as services do, and says what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from pydantic import ValidationError
from pydantic_settings import BaseSettings

from toccata.cli.errors import MISUSED, CommandError
from toccata.cli.output import say
from toccata.runtime.credential import sign_in_problems
from toccata.runtime.errors import Fatal
from toccata.runtime.postgres import PostgresSettings
from toccata.runtime.settings import CommonSettings, KafkaSettings
from toccata.runtime.variables import variables

_SHARED: tuple[type[BaseSettings], ...] = (CommonSettings, KafkaSettings, PostgresSettings)
_SCHEMES = frozenset({"postgresql", "postgres"})


def check() -> None:
    """Raises CommandError with all that is wrong."""
    try:
        problems = [problem for kind in _SHARED for problem in _unreadable(kind)] + _unusable(variables())
    except Fatal as error:
        problems = [str(error)]
    if problems:
        raise CommandError(
            "\n".join(f"{problem[0].upper()}{problem[1:]}." for problem in problems),
            "Correct that in the environment (under compose: in the file .env), then start again.",
            MISUSED,
        )
    say("The settings are right.")


def _unreadable(kind: type[BaseSettings]) -> list[str]:
    try:
        kind()
    except ValidationError as error:
        prefix = kind.model_config.get("env_prefix", "")
        return [f"{prefix}{str(each['loc'][0]).upper()}: {each['msg']}" for each in error.errors()]
    return []


def _unusable(environment: Mapping[str, str]) -> list[str]:
    host = environment.get("TOCCATA_WEB_HOST") or "127.0.0.1"
    names = ("USERNAME", "PASSWORD", "PASSWORD_HASH")
    username, password, password_hash = (environment.get(f"TOCCATA_AUTH_{name}", "") for name in names)
    problems = sign_in_problems(username, password, host, password_hash)
    database = environment.get("TOCCATA_DATABASE_URL")
    if database and urlsplit(database).scheme not in _SCHEMES:
        problems.append("TOCCATA_DATABASE_URL must be postgresql://user:password@host:port/database")
    public = environment.get("TOCCATA_WEB_PUBLIC_URL")
    if public and urlsplit(public).scheme not in {"http", "https"}:
        problems.append("TOCCATA_WEB_PUBLIC_URL must be an address such as http://localhost:8080")
    return problems
