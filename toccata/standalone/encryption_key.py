"""The key of secret inputs and outputs: as the variables say, else one that the first start makes and keeps in the data directory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from toccata.runtime.encryption import new_key
from toccata.standalone.secret import FOLDER, read_secret, write_secret

VARIABLE = "TOCCATA_ENCRYPTION_SECRET_KEY"
FILE = "encryption-key"


def kept_key(home: Path, given: Mapping[str, str]) -> str:
    """Return the key. Without it, what is encrypted in this data directory can never be read again."""
    if given.get(VARIABLE):
        return given[VARIABLE]
    known = read_secret(home, FILE)
    if known is None or not known.strip():
        known = new_key()
        write_secret(home, FILE, known)
    # Somebody may have copied the folder, or relaxed its modes.
    (home / FOLDER / FILE).chmod(0o600)
    return known.strip()
