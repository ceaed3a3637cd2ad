"""The rules for web's sign-in, as sentences. Web, the supervisor and the command line show them."""

from __future__ import annotations

from toccata.runtime.address import is_loopback

DEFAULT_USERNAME = "admin@kestra.io"
DEFAULT_PASSWORD = "Admin1234!"  # noqa: S105 - documented, and refused anywhere but on loopback
_DEFAULT_ABROAD = (
    "the documented default password is for loopback only: set TOCCATA_AUTH_USERNAME and TOCCATA_AUTH_PASSWORD,"
    " or TOCCATA_WEB_HOST=127.0.0.1"
)
_LONGEST = 256
_SHORTEST = 8


def sign_in_problems(username: str, password: str, host: str) -> list[str]:
    """Return why web would not start with this sign-in when it listens on ``host``. Each sentence says what to do."""
    missing = [
        name
        for name, text in (("TOCCATA_AUTH_USERNAME", username), ("TOCCATA_AUTH_PASSWORD", password))
        if not text
    ]
    if missing:
        return [f"{' and '.join(missing)} must be set: web does not start without a sign-in"]
    if password == DEFAULT_PASSWORD and not is_loopback(host):
        return [_DEFAULT_ABROAD]
    problems = []
    if "@" not in username.strip("@"):
        problems.append("TOCCATA_AUTH_USERNAME must be an e-mail address")
    if not _is_strong(password):
        problems.append(
            f"TOCCATA_AUTH_PASSWORD must have {_SHORTEST} to {_LONGEST} characters with at least one upper-case letter,"
            " one lower-case letter and one digit"
        )
    return problems


def _is_strong(password: str) -> bool:
    return _SHORTEST <= len(password) <= _LONGEST and all(
        any(map(test, password)) for test in (str.isupper, str.islower, str.isdigit)
    )
