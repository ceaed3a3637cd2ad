"""The secrets that web itself may use: keys of webhooks, and what their senders sign with. A file each, or a variable."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from contracts.language.expression.errors import ExpressionError
from services.web.core.write.rendering import Ports
from toccata.runtime.flow_secrets import EnvironmentSecrets

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_MOST_BYTES = 64 * 1024


class Secrets:
    """``folder`` has a file for each secret, named like it: the form in which Kubernetes and compose give secrets. Changed
    files are read again. ``SECRET_NAME`` in the environment holds base64 text, as in Kestra's open source."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._variables = EnvironmentSecrets(environment)
        self._read: dict[str, tuple[tuple[int, int, int], str]] = {}

    def ports(self) -> Ports:
        return {"secret": self.get}

    def names(self) -> list[str]:
        """The names of all secrets, ascending. A folder that cannot be read has none."""
        try:
            files = {
                each.name for each in self._folder.iterdir() if _NAME.fullmatch(each.name) and each.is_file()
            }
        except OSError:
            files = set()
        return sorted(files | self._variables.names())

    def get(self, name: str) -> str:
        """Raise ExpressionError if there is no such secret, or if it cannot be read."""
        if not _NAME.fullmatch(name):
            raise ExpressionError(f"'{name}' cannot be the name of a secret.")
        for each in (name, name.upper()):
            found = self._from_file(each)
            if found is not None:
                return found
        try:
            variable = self._variables.get(name)
        except ValueError:
            raise ExpressionError(f"The secret '{name}' is not base64 text.") from None
        if variable is None:
            raise ExpressionError(f"Cannot find secret for key '{name}'.")
        return variable

    def _from_file(self, name: str) -> str | None:
        path = self._folder / name
        try:
            status = path.stat()
            version = (status.st_mtime_ns, status.st_ino, status.st_size)
            known = self._read.get(name)
            if known is not None and known[0] == version:
                return known[1]
            if status.st_size > _MOST_BYTES:
                raise ExpressionError(f"The secret '{name}' is over the limit of {_MOST_BYTES} bytes.")
            text = path.read_text("utf-8").rstrip("\r\n")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, UnicodeDecodeError):
            raise ExpressionError(f"The file of the secret '{name}' cannot be read.") from None
        self._read[name] = (version, text)
        return text
