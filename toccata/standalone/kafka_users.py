"""The passwords of the embedded Kafka: one for each principal and one for the broker itself, readable by their owner only.

Every user of the machine can reach loopback, so nothing on it may work without a password.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from contracts.principal import ANY, PRINCIPALS, Principal, rules, user_of
from toccata.runtime.errors import ToccataError, Transient
from toccata.runtime.privacy import write_private
from toccata.runtime.settings import KafkaSettings
from toccata.standalone.errors import StandaloneError

BROKER = "broker"
MECHANISM = "SCRAM-SHA-256"
_FILE = "users.json"
_MARK = "users.made"
_KNOWN_SECONDS = 60.0
_PAUSE_SECONDS = 0.1


def broker_jaas(password: str) -> str:
    """How a broker signs in to itself by PLAIN, and knows that user, before it has any other. Only letters that need no quoting."""
    module = "org.apache.kafka.common.security.plain.PlainLoginModule"
    return f'{module} required username="{BROKER}" password="{password}" user_{BROKER}="{password}";'


@dataclass(frozen=True, slots=True)
class KafkaUsers:
    """Who may sign in to the broker in one data directory."""

    directory: Path
    prefix: str
    passwords: Mapping[str, str]
    """By principal, and that of the broker, with which it signs in to itself."""

    @property
    def supers(self) -> str:
        """The users that no rule limits, as the broker's properties name them."""
        return f"User:{BROKER};User:{user_of('operator', self.prefix)}"

    @property
    def jaas(self) -> str:
        """How the broker signs in to itself, and whom its listeners know before any user is made."""
        return broker_jaas(self.passwords[BROKER])

    @property
    def plain(self) -> bytes:
        """The broker's own sign-in, as the mechanism PLAIN sends it."""
        return f"\0{BROKER}\0{self.passwords[BROKER]}".encode()

    def settings(self, principal: Principal, bootstrap: str) -> KafkaSettings:
        """How a client signs in as this principal."""
        return KafkaSettings.model_validate(
            {"topic_prefix": self.prefix, **self.variables(principal, bootstrap)}
        )

    def variables(self, principal: Principal, bootstrap: str) -> dict[str, str]:
        """The same, as fields of the settings."""
        return {
            "bootstrap_servers": bootstrap,
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": MECHANISM,
            "sasl_username": user_of(principal, self.prefix),
            "sasl_password": self.passwords[principal],
        }

    def environment(self, principal: Principal, bootstrap: str) -> dict[str, str]:
        """The same as variables of a process."""
        return {
            f"TOCCATA_KAFKA_{name.upper()}": text
            for name, text in self.variables(principal, bootstrap).items()
        }

    @property
    def are_made(self) -> bool:
        """True if the broker has these users and today's rules."""
        try:
            return (self.directory / _MARK).read_text() == self._mark()
        except FileNotFoundError:
            return False

    async def make(self, bootstrap: str) -> None:
        """Make users and rules in the running broker. A data directory of an earlier version gets them here, too."""
        from toccata.runtime.kafka_access import put_rules, put_users  # here, since it is needed once

        # Its warning is right, but not for a password that stays in this machine and goes to our own child.
        logging.getLogger("aiokafka.conn").setLevel(logging.ERROR)
        broker = KafkaSettings.model_validate(
            {
                "bootstrap_servers": bootstrap,
                "security_protocol": "SASL_PLAINTEXT",
                "sasl_mechanism": "PLAIN",
                "sasl_username": BROKER,
                "sasl_password": self.passwords[BROKER],
                "topic_prefix": self.prefix,
            }
        )
        try:
            await put_rules(broker, rules(self.prefix, [ANY]), replace=True)
            await put_users(broker, {user_of(each, self.prefix): self.passwords[each] for each in PRINCIPALS})
            await self._known(bootstrap)
        except (ToccataError, TimeoutError) as error:
            raise StandaloneError(f"The users of the embedded Kafka could not be made: {error!r}") from error
        (self.directory / _MARK).write_text(self._mark())

    async def _known(self, bootstrap: str) -> None:
        """Wait until the broker has read what its controller wrote. It reads in order, so the rules are there as well."""
        async with asyncio.timeout(_KNOWN_SECONDS):
            while not await _signs_in(self.settings("operator", bootstrap)):  # noqa: ASYNC110 - the broker tells nobody
                await asyncio.sleep(_PAUSE_SECONDS)

    def _mark(self) -> str:
        content = (self.prefix, sorted(self.passwords.items()), rules(self.prefix, [ANY]))
        return sha256(repr(content).encode()).hexdigest()


async def _signs_in(settings: KafkaSettings) -> bool:
    from toccata.runtime.topic_admin import connected_admin

    try:
        admin = await connected_admin(settings)
    except Transient:
        return False
    await admin.close()
    return True


def remembered_users(directory: Path, prefix: str) -> KafkaUsers:
    """The users of this data directory. Makes passwords that are missing."""
    passwords = read_passwords(directory)
    missing = [name for name in (*PRINCIPALS, BROKER) if name not in passwords]
    if missing:
        passwords |= {name: secrets.token_urlsafe(24) for name in missing}
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(directory / _FILE, json.dumps(passwords, indent=2))
    return KafkaUsers(directory, prefix, passwords)


def read_passwords(directory: Path) -> dict[str, str]:
    """Empty if there are none yet. Raises StandaloneError if the file is damaged or cannot be read."""
    file = directory / _FILE
    try:
        found = json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise StandaloneError(f"{file} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise StandaloneError(f"{file} is damaged. Remove it; the next start makes new passwords.") from error
    return {str(name): str(password) for name, password in found.items()} if isinstance(found, dict) else {}
