"""The sign-in of standalone: as the variables say, else one with a password that is made at the first start and kept in the data
directory. There is no default password."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from toccata.runtime.credential import DEFAULT_USERNAME
from toccata.standalone.errors import StandaloneError
from toccata.standalone.home import own_text
from toccata.standalone.secret import FOLDER, write_secret

FILE = f"{FOLDER}/sign-in.json"


@dataclass(frozen=True, slots=True)
class SignIn:
    username: str
    password: str = field(repr=False)


def kept_sign_in(home: Path, username: str = "") -> SignIn:
    """The sign-in in the data directory, made if there is none. ``username``: the one to keep from now on. Raises
    StandaloneError if the file cannot be believed, and OSError."""
    from toccata.runtime.password import made_password  # here, since commands only read

    known = read_sign_in(home)
    wanted = SignIn(
        username or (known.username if known else DEFAULT_USERNAME),
        known.password if known else made_password(),
    )
    if wanted != known:
        text = json.dumps({"username": wanted.username, "password": wanted.password}, indent=2)
        write_secret(home, Path(FILE).name, text)
    # Somebody may have copied the folder, or relaxed its modes.
    (home / FILE).chmod(0o600)
    return wanted


def read_sign_in(home: Path) -> SignIn | None:
    """None if there is no such file. Raises StandaloneError if it cannot be believed."""
    import msgspec  # here, since most commands need no sign-in

    file = home / FILE
    try:
        return msgspec.json.decode(own_text(file), type=SignIn)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StandaloneError(f"{file} cannot be read: {error.strerror}.") from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise StandaloneError(
            f"{file} is damaged: delete it, and the next start makes a new password."
        ) from error
