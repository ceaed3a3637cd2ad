"""The rules for web's sign-in, as sentences. Web, the supervisor and the command line show them."""

from __future__ import annotations

from toccata.runtime.address import is_loopback

DEFAULT_USERNAME = "admin@kestra.io"
_LONGEST = 256
_SHORTEST = 8
_LEAST_SCORE = 3
"""Of zxcvbn: at least 10^8 guesses. Web's back-off lets nobody make them in a lifetime."""
_READ_CHARACTERS = 72
_OWN_WORDS = ("toccata", "kestra", "admin", "workflow", "orchestrator")
_WEAK_ABROAD = (
    "TOCCATA_AUTH_PASSWORD is easy to guess, and others can reach the address that web listens on: choose a longer one,"
    " without well-known words, names and years, or set TOCCATA_WEB_HOST=127.0.0.1"
)


def sign_in_problems(username: str, password: str, host: str, password_hash: str = "") -> list[str]:
    """Return why web would not start with this sign-in when it listens on ``host``. Each sentence says what to do.

    ``password_hash`` replaces the password. How easy its password is to guess cannot be seen."""
    if password and password_hash:
        return ["TOCCATA_AUTH_PASSWORD and TOCCATA_AUTH_PASSWORD_HASH are both set: keep one of them"]
    missing = [
        name
        for name, text in (
            ("TOCCATA_AUTH_USERNAME", username),
            ("TOCCATA_AUTH_PASSWORD", password or password_hash),
        )
        if not text
    ]
    if missing:
        return [f"{' and '.join(missing)} must be set: web does not start without a sign-in"]
    problems = []
    if "@" not in username.strip("@") or ":" in username:
        problems.append("TOCCATA_AUTH_USERNAME must be an e-mail address")
    if password_hash:
        from toccata.runtime.password import (
            is_hash,
        )  # here, because commands that check nothing need no argon2

        if not is_hash(password_hash):
            problems.append(
                "TOCCATA_AUTH_PASSWORD_HASH must be an argon2id hash: `toccata password hash` makes one"
            )
        return problems
    if problem := password_problem(username, password, is_reachable=not is_loopback(host)):
        problems.append(problem)
    return problems


def password_problem(username: str, password: str, *, is_reachable: bool) -> str:
    """Return why web would refuse this password; empty if it takes it. ``is_reachable``: others can reach web's address."""
    if not _is_well_formed(password):
        return (
            f"TOCCATA_AUTH_PASSWORD must have {_SHORTEST} to {_LONGEST} characters with at least one upper-case letter,"
            " one lower-case letter and one digit"
        )
    return _WEAK_ABROAD if is_reachable and is_guessable(username, password) else ""


def is_guessable(username: str, password: str) -> bool:
    """True for well-known passwords, and for those made of well-known words, names, dates, keys in a row and repeats."""
    from zxcvbn import zxcvbn  # here, because its lists of words take 0.2 s to load

    words = [*_OWN_WORDS, username, *username.replace("@", ".").split(".")]
    found = zxcvbn(password[:_READ_CHARACTERS], user_inputs=[word for word in words if word])
    return bool(found["score"] < _LEAST_SCORE)


def _is_well_formed(password: str) -> bool:
    return _SHORTEST <= len(password) <= _LONGEST and all(
        any(map(test, password)) for test in (str.isupper, str.islower, str.isdigit)
    )
