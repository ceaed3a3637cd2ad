"""The functions of templates that reach outside: ``secret``, ``kv``, ``read`` and its kin.

A rendering cannot wait. A function that needs something from internal storage raises :class:`Needed`; whoever renders fetches that,
and renders again.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from contracts.language.expression.errors import ExpressionError, UndefinedVariable
from contracts.language.stored_value import loaded
from contracts.namespace import ValueState
from contracts.namespace_path import BadPath, file_path
from services.worker.core.reach import may_use, why_not
from services.worker.http_function import asked, encoded, fetched
from services.worker.ports import Secrets
from toccata.kit.failure import TaskFailed
from toccata.kit.http.port import HttpRequest
from toccata.kit.http.reach import PUBLIC, Reach
from toccata.runtime.encryption import Cipher
from toccata.runtime.errors import StorageRefused, Transient
from toccata.runtime.namespace.files import FileStore, named_file
from toccata.runtime.namespace.values import ValueStore
from toccata.runtime.past import Past
from toccata.runtime.storage import InternalStorage

MOST_READ_BYTES = 10 * 1024 * 1024
_SCHEMES = ("kestra://", "nsfile://", "file://")


class Needed(Exception):
    """A rendering needs an answer from outside. It is rendered again when the answer is known under ``key``."""

    def __init__(
        self, key: tuple[str, str], fetch: Callable[[], Awaitable[Any]], now: Callable[[], Any]
    ) -> None:
        super().__init__(key)
        self.key = key
        self.fetch = fetch
        self.now = now
        """The same answer, while the thread waits."""


@dataclass(slots=True)
class Stores:
    """What functions and tasks of a worker reach outside."""

    values: ValueStore
    files: FileStore
    storage: InternalStorage
    past: Past
    granted: Collection[str] = ()
    """Namespaces whose files all templates may read."""
    reach: Reach = PUBLIC
    """Which addresses HTTP may go to."""


class Functions:
    """For one attempt. ``hide`` hears of secrets, which no log may show."""

    def __init__(
        self,
        stores: Stores,
        namespace: str,
        variables: Callable[[], Mapping[str, Any]],
        secrets: Secrets,
        hide: Callable[[str], None],
    ) -> None:
        self._stores = stores
        self._namespace = namespace
        self._variables = variables
        self._secrets = secrets
        self._hide = hide
        self.answers: dict[tuple[str, str], Any] = {}
        """What was fetched. An exception is an answer, too."""
        self.current = False
        """True if values and files of namespaces are as new as the attempt."""
        self.ports: Mapping[str, Callable[..., Any]] = {
            "secret": self._secret,
            "kv": self._kv,
            "read": self._read,
            "fileURI": self._file_uri,
            "fileSize": self._file_size,
            "fileExists": self._file_exists,
            "isFileEmpty": self._is_file_empty,
            "http": self._http,
            "encrypt": _encrypt,
            "decrypt": self._decrypt,
            "randomPort": free_port,
        }

    async def answer(self, needed: Needed) -> None:
        """Fetch what a rendering needs."""
        try:
            self.answers[needed.key] = await needed.fetch()
        except (StorageRefused, Transient, TaskFailed) as error:
            self.answers[needed.key] = error

    def answer_now(self, needed: Needed) -> None:
        try:
            self.answers[needed.key] = needed.now()
        except (StorageRefused, Transient) as error:
            self.answers[needed.key] = error

    def _secret(self, key: str, namespace: str | None = None, subkey: str | None = None) -> str:
        del namespace  # secrets are the worker's own, for all namespaces
        try:
            value = self._secrets.get(str(key))
        except ValueError as error:
            raise ExpressionError(str(error)) from None
        if value is None:
            raise ExpressionError(
                f"Cannot find secret for key '{key}': set SECRET_{str(key).upper()} for the worker"
            )
        if subkey is not None:
            value = _part(value, str(key), str(subkey))
        if value:
            self._hide(value)
        return value

    def _decrypt(self, key: str, encrypted: str) -> str:
        try:
            text = Cipher(str(key)).decrypt(str(encrypted))
        except ValueError as error:
            raise ExpressionError(f"`decrypt`: {error}") from None
        if text:
            self._hide(text)
        return text

    def _kv(self, key: str, namespace: str | None = None, errorOnMissing: bool = True) -> Any:  # noqa: FBT001, FBT002, N803 - a template's words
        self._catch_up()
        values = self._stores.values
        owner = str(namespace) if namespace else self._namespace
        found = values.find(owner, str(key), inherited=not namespace)
        if found is None:
            if not errorOnMissing:
                return None
            raise UndefinedVariable(f"The key '{key}' does not exist in the namespace '{owner}'.")
        if values.expired(found):
            if not errorOnMissing:
                return None
            raise ExpressionError(
                f"The requested value has expired: key '{key}' of the namespace '{found.namespace}'"
            )
        return loaded(self._text(found))

    def _text(self, value: ValueState) -> str:
        if not value.uri:
            return value.value
        return self._fetched("value", value.uri).decode()  # type: ignore[no-any-return]

    def _read(self, path: str, namespace: str | None = None) -> str:
        uri = self._allowed(path, namespace)
        size = self._size(uri)
        if size > MOST_READ_BYTES:
            raise ExpressionError(
                f"`read`: the file has {size:,} bytes, but the limit is {MOST_READ_BYTES:,}: let a task read it"
            )
        return self._fetched("content", uri).decode("utf-8", "replace")  # type: ignore[no-any-return]

    def _file_uri(self, path: str, namespace: str | None = None) -> str:
        return self._stores.files.address(str(namespace or self._namespace), _path(path))

    def _file_size(self, path: str, namespace: str | None = None) -> int:
        return self._size(self._allowed(path, namespace))

    def _is_file_empty(self, path: str, namespace: str | None = None) -> bool:
        return self._file_size(path, namespace) == 0

    def _file_exists(self, path: str, namespace: str | None = None) -> bool:
        try:
            self._size(self._allowed(path, namespace))
        except FileMissing:
            return False
        return True

    def _http(  # noqa: PLR0913 - a template's words
        self,
        uri: str,
        method: str = "GET",
        query: Any = None,
        body: Any = None,
        contentType: str = "application/json",  # noqa: N803 - a template's words
        headers: Any = None,
        options: Any = None,
        accept: str = "application/json",
    ) -> Any:
        """Whatever is asked in the same words has the same answer in all templates of an attempt: each is rendered several times."""
        kinds = {"Content-Type": str(contentType), "Accept": str(accept)}
        question = asked(
            HttpRequest(str(method), str(uri), kinds | dict(headers or {}), query or {}, encoded(body)),
            options,
        )
        key = ("http", question.key)
        if key not in self.answers:
            reach = self._stores.reach
            raise Needed(key, lambda: fetched(question, reach), _too_late)
        answer = self.answers[key]
        if isinstance(answer, Exception):
            raise ExpressionError(f"`http`: {answer}")
        return answer

    def _size(self, uri: str) -> int:
        return int(self._fetched("size", uri))

    def _allowed(self, path: str, namespace: str | None) -> str:
        """The address of the content that a path or a URI names, if this template may read it."""
        text = str(path)
        if not text.startswith(_SCHEMES):
            text = self._stores.files.address(str(namespace or self._namespace), _path(text))
        if text.startswith("file://"):
            raise ExpressionError(
                f"Unable to read the file '{text}': files of the worker's machine cannot be read"
            )
        try:
            named = named_file(text, self._namespace)
            if named is None:
                refusal = why_not(
                    text, self._namespace, self._variables().get("trigger"), self._stores.granted
                )
                if refusal is not None:
                    raise ExpressionError(refusal)
                return text
            if not may_use(named[0], self._namespace, self._stores.granted):
                raise ExpressionError(
                    f"Unable to read the file '{text}': namespace '{named[0]}' is not granted to '{self._namespace}' "
                    "(TOCCATA_WORKER_GRANTED_NAMESPACES)"
                )
            self._catch_up()
            return self._stores.files.resolved(text, self._namespace)
        except StorageRefused as error:
            raise FileMissing(str(error)) from None

    def _catch_up(self) -> None:
        if not self.current:
            self._fetched("namespaces", "")
            self.current = True

    def _fetched(self, what: str, uri: str) -> Any:
        key = (what, uri)
        if key not in self.answers:
            raise self._needed(what, uri)
        answer = self.answers[key]
        if isinstance(answer, StorageRefused):
            raise FileMissing(str(answer))
        if isinstance(answer, Exception):
            raise ExpressionError(str(answer))
        return answer

    def _needed(self, what: str, uri: str) -> Needed:
        storage = self._stores.storage
        if what == "namespaces":
            return Needed((what, uri), self._stores.values.catch_up, _too_late)
        if what == "size":
            return Needed((what, uri), lambda: storage.size(uri), lambda: storage.size_now(uri))
        return Needed((what, uri), lambda: storage.get(uri), lambda: storage.get_now(uri))


class FileMissing(ExpressionError):
    """There is no such file."""


def _encrypt(key: str, plaintext: str) -> str:
    try:
        return Cipher(str(key)).encrypt(str(plaintext))
    except ValueError as error:
        raise ExpressionError(f"`encrypt`: {error}") from None


def free_port() -> int:
    """Return a TCP port of this machine that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("", 0))
        port: int = listener.getsockname()[1]
        return port


def _too_late() -> None:
    raise Transient(
        "http(), kv() and namespace files cannot be read here: use them in a property of the task, which is rendered before it runs"
    )


def _path(text: str) -> str:
    try:
        return file_path(str(text))
    except BadPath as error:
        raise ExpressionError(str(error)) from None


def _part(value: str, key: str, subkey: str) -> str:
    try:
        found = orjson.loads(value)
    except orjson.JSONDecodeError:
        raise ExpressionError(f"Secret '{key}' is not JSON, so it has no subkey '{subkey}'") from None
    if not isinstance(found, dict) or subkey not in found:
        raise ExpressionError(f"Cannot find subkey '{subkey}' in secret '{key}'")
    part = found[subkey]
    return part if isinstance(part, str) else orjson.dumps(part).decode()
