"""Passwords as argon2id hashes. Making and checking one takes 20 to 40 ms of a processor and 19 MiB: never do it on an event loop."""

from __future__ import annotations

import secrets
from hashlib import sha256

from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import hash_secret_raw

_PASSES, _KIB, _LANES = 2, 19 * 1024, 1
"""The parameters that OWASP recommends for argon2id."""
_MOST_KIB, _MOST_PASSES = 256 * 1024, 10
_hasher = PasswordHasher(time_cost=_PASSES, memory_cost=_KIB, parallelism=_LANES)
_ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without characters that look alike."""


def hash_password(password: str) -> str:
    """Return the hash as text, with its parameters and a fresh salt."""
    return _hasher.hash(password)


def is_password(password: str, password_hash: str) -> bool:
    """True if the hash is of this password."""
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def is_hash(text: str) -> bool:
    """True for an argon2id hash whose check costs a reasonable amount."""
    try:
        found = extract_parameters(text)
    except InvalidHashError:
        return False
    return (
        found.type is Type.ID
        and _KIB // 2 <= found.memory_cost <= _MOST_KIB
        and 1 <= found.time_cost <= _MOST_PASSES
    )


def generation_of(username: str, password: str, password_hash: str) -> str:
    """Return a mark that all replicas agree on and that changes with the password. It is 16 bits long, so that it tells next to
    nothing about the password: one of 65,536 changes is not noticed."""
    if password_hash:
        return sha256(password_hash.encode()).hexdigest()[:4]
    salt = sha256(f"toccata generation {username}".encode()).digest()[:16]
    raw = hash_secret_raw(password.encode(), salt, _PASSES, _KIB, _LANES, 16, Type.ID)
    return raw[:2].hex()


def made_password() -> str:
    """Return a password of 20 characters that nobody can guess (116 bits), and that web takes."""
    while True:
        password = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))
        if all(any(map(test, password)) for test in (str.isupper, str.islower, str.isdigit)):
            return password
