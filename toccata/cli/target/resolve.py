"""Resolves options, environment and the folder's run.json to one target. Pure.

Three places can name a system. A person sets options and variables; these complete each other unless they contradict. A
run.json counts only if the person named nothing, or named the same system.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from toccata.cli.target.same import same_database, same_kafka, same_url
from toccata.cli.target.value import Given, Known, Target, Unknown, Value

DEFAULT = "default"
DEFAULT_KAFKA = "localhost:9092"
DEFAULT_DATABASE = "postgresql://localhost:5432/toccata"
DEFAULT_PREFIX = "toccata."
_URL, _KAFKA, _DATABASE = "TOCCATA_URL", "TOCCATA_KAFKA_BOOTSTRAP_SERVERS", "TOCCATA_DATABASE_URL"
_USER, _PASSWORD, _TOKEN = "TOCCATA_AUTH_USERNAME", "TOCCATA_AUTH_PASSWORD", "TOCCATA_TOKEN"
_ADVICE = f"Give --user and --password, or --token, or set {_USER} and {_PASSWORD}, or {_TOKEN}."
_PREFIX = "TOCCATA_KAFKA_TOPIC_PREFIX"


@dataclass(frozen=True, slots=True)
class Kept:
    """The sign-in that the data directory keeps for its standalone."""

    file: Path
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """The addresses in the run file of the standalone on the data directory."""

    file: Path
    url: str
    kafka: str
    database: str
    topic_prefix: str
    kafka_users: Path | None = None
    postgres_users: Path | None = None
    sign_in: Kept | str = ""
    """A text says why it is not known."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """The addresses to use if nothing names a system."""

    username: str
    web_port: str = "8080"


@dataclass(frozen=True, slots=True)
class _Addresses:
    url: Value | None = None
    kafka: Value | None = None
    database: Value | None = None

    def __bool__(self) -> bool:
        return bool(self.url or self.kafka or self.database)

    def pairs(self, other: _Addresses) -> list[bool]:
        """For each address that both have, whether it is the same."""
        compared: tuple[tuple[Value | None, Value | None, Callable[[str, str], bool]], ...] = (
            (self.url, other.url, same_url),
            (self.kafka, other.kafka, same_kafka),
            (self.database, other.database, same_database),
        )
        return [same(a.text, b.text) for a, b, same in compared if a is not None and b is not None]

    def completed_by(self, other: _Addresses) -> _Addresses:
        return _Addresses(self.url or other.url, self.kafka or other.kafka, self.database or other.database)


def resolve(
    environment: Mapping[str, str], given: Given, found: Found | None, defaults: Defaults, home: Path
) -> Target:
    """The system that the person means."""
    options = _Addresses(_option(given.url, "--url"), _option(given.kafka, "--kafka"))
    variables = _Addresses(*(_variable(environment, name) for name in (_URL, _KAFKA, _DATABASE)))
    applies = all(options.pairs(variables))
    said = options.completed_by(variables) if applies else options
    running = _of_run_file(found)
    shared = said.pairs(running)
    is_running = found is not None and (not said or (any(shared) and all(shared)))
    addresses = said.completed_by(running) if is_running else said
    if not addresses:
        addresses = _default_addresses(environment, defaults)
    heard = environment if applies else {}
    username, password = _sign_in(given, heard, defaults, found if is_running else None)
    if not applies and variables.url:
        unknown = Unknown(
            f"--url names another system than {_URL}, so the sign-in of the environment is not sent to it.",
            "Give --user and --password, or --token.",
        )
        username, password = (
            _option(given.user, "--user") or unknown,
            _option(given.password, "--password") or unknown,
        )
    why = _why(said, found)
    return Target(
        home=home,
        url=_trimmed(addresses.url) or why("web", _URL, "--url"),
        username=username,
        password=password,
        kafka=addresses.kafka or why("Kafka", _KAFKA, "--kafka"),
        topic_prefix=_prefix(heard, found if is_running else None),
        database=addresses.database or why("database", _DATABASE, ""),
        kafka_users=found.kafka_users if found is not None and is_running else None,
        postgres_users=found.postgres_users if found is not None and is_running else None,
        token=_token(given, heard),
        environment_applies=applies,
    )


def _option(text: str | None, name: str) -> Value | None:
    return Value(text, name) if text else None


def _variable(environment: Mapping[str, str], name: str) -> Value | None:
    text = environment.get(name, "").strip()
    return Value(text, name) if text else None


def _trimmed(url: Value | None) -> Value | None:
    return replace(url, text=url.text.rstrip("/")) if url is not None else None


def _of_run_file(found: Found | None) -> _Addresses:
    if found is None:
        return _Addresses()
    texts = (found.url, found.kafka, found.database)
    return _Addresses(*(Value(text, str(found.file)) for text in texts))


def _default_addresses(environment: Mapping[str, str], defaults: Defaults) -> _Addresses:
    port = _variable(environment, "TOCCATA_WEB_PORT")
    url = f"http://localhost:{port.text if port else defaults.web_port}"
    return _Addresses(
        Value(url, port.source if port else DEFAULT),
        Value(DEFAULT_KAFKA, DEFAULT),
        Value(DEFAULT_DATABASE, DEFAULT),
    )


def _prefix(environment: Mapping[str, str], found: Found | None) -> Value:
    named = _variable(environment, _PREFIX)
    if named is not None:
        return named
    return Value(found.topic_prefix, str(found.file)) if found is not None else Value(DEFAULT_PREFIX, DEFAULT)


def _token(given: Given, environment: Mapping[str, str]) -> Value | None:
    """A token of the environment steps back if the person names a user or a password."""
    if given.token:
        return Value(given.token, "--token")
    return None if given.user or given.password else _variable(environment, _TOKEN)


def _sign_in(
    given: Given, environment: Mapping[str, str], defaults: Defaults, running: Found | None
) -> tuple[Known, Known]:
    """What the person said, else what the running standalone keeps. A password is sent only to its own system and user."""
    username = _option(given.user, "--user") or _variable(environment, _USER)
    password = _option(given.password, "--password") or _variable(environment, _PASSWORD)
    kept = running.sign_in if running is not None else ""
    if isinstance(kept, Kept) and password is None and (username is None or username.text == kept.username):
        source = str(kept.file)
        return username or Value(kept.username, source), Value(kept.password, source)
    why = kept if isinstance(kept, str) and kept else "Nothing says how to sign in to this system."
    return username or Value(defaults.username, DEFAULT), password or Unknown(why, _ADVICE)


def _why(said: _Addresses, found: Found | None) -> Callable[[str, str, str], Unknown]:
    """Say why an address is not known: the person named a system, but nothing names this part of it."""
    named = " and ".join(
        f"{value.source} ({redacted(value.text)})"
        for value in (said.url, said.kafka, said.database)
        if value is not None
    )
    verb = "name" if " and " in named else "names"
    beside = f" The standalone of {found.file.parent} is another system." if found is not None else ""

    def unknown(part: str, variable: str, option: str) -> Unknown:
        return Unknown(
            f"{named} {verb} a system, and nothing says where its {part} is.{beside}",
            f"Set {variable}{f' or give {option}' if option else ''}.",
        )

    return unknown


def redacted(address: str) -> str:
    """The address without its password."""
    scheme, separator, rest = address.partition("://")
    credentials, at, place = rest.rpartition("@")
    if not separator or not at:
        return address
    user, colon, _ = credentials.partition(":")
    return f"{scheme}://{user}{':***' if colon else ''}@{place}"
