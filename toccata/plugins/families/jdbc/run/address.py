"""Reads JDBC URLs: which host, which database, which options. It never connects."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, unquote

from toccata.plugins.families.jdbc.run.failure import SqlFailed

_SERVER = re.compile(
    r"//(?:(?P<login>[^@/?;]*)@)?(?P<hosts>[^/?;]*)(?:/(?P<database>[^?;]*))?(?P<rest>.*)", re.DOTALL
)
_THIN = re.compile(
    r"thin:(?:(?P<login>[^@]*))@(?://)?(?P<host>\[[^\]]+\]|[^:/?]+)(?::(?P<port>\d+))?[:/](?P<database>[^?]+)(?P<rest>.*)"
)


@dataclass(frozen=True, slots=True)
class Address:
    """What a URL says. ``options`` keep their names as JDBC drivers know them; those of user and password are taken out."""

    scheme: str
    hosts: Sequence[tuple[str, int | None]] = ()
    database: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        return self.hosts[0][0] if self.hosts else ""

    @property
    def port(self) -> int | None:
        return self.hosts[0][1] if self.hosts else None

    @property
    def place(self) -> str:
        """For messages: hosts and database, never the login."""
        hosts = ",".join(f"{host}:{port}" if port else host for host, port in self.hosts)
        return "/".join(part for part in (hosts, self.database) if part)


def read_address(url: str, schemes: Sequence[str], user: str | None, password: str | None) -> Address:
    """``user`` and ``password`` win over those of the URL. Raises SqlFailed if the URL is of another database or not readable."""
    wanted = f"write jdbc:{schemes[0]}:…"
    head, _, rest = url.strip().partition(":")
    scheme, _, rest = rest.partition(":")
    if head.lower() != "jdbc":
        raise SqlFailed(f"the url must begin with `jdbc:`: {wanted}")
    if scheme.lower() not in schemes:
        raise SqlFailed(f"the url is for `{scheme}`, which this task does not speak: {wanted}")
    read = _READERS.get(schemes[0], _server)(scheme.lower(), rest)
    found = _with_login_options(read)
    return replace(
        found,
        user=found.user if user is None else user,
        password=found.password if password is None else password,
    )


def _server(scheme: str, rest: str) -> Address:
    if not rest.startswith("//"):  # jdbc:postgresql:database
        database, _, options = rest.partition("?")
        return Address(scheme, (), unquote(database.lstrip("/")), _options(options))
    found = _SERVER.fullmatch(rest)
    assert found is not None, "every text after // fits"
    login, _, password = (found["login"] or "").partition(":")
    return Address(
        scheme,
        [_host(each) for each in found["hosts"].split(",") if each],
        unquote(found["database"] or ""),
        _options(found["rest"]),
        unquote(login) or None,
        unquote(password) or None,
    )


def _semicolons(scheme: str, rest: str) -> Address:
    r"""``//host\instance:port;databaseName=x;encrypt=true``"""
    found = _server(scheme, rest)
    options = dict(found.options)
    names = {name.lower(): name for name in options}
    database = options.pop(names.get("databasename", names.get("database", "")), found.database)
    return replace(found, database=database, options=options)


def _thin(scheme: str, rest: str) -> Address:
    """``thin:@//host:port/service`` or ``thin:@host:port:sid``"""
    found = _THIN.fullmatch(rest)
    if found is None:
        raise SqlFailed("the url is not readable: write jdbc:oracle:thin:@//host:1521/service")
    user, _, password = (found["login"] or "").partition("/")
    options = _options(found["rest"])
    if "//" not in rest and rest.rpartition(":")[2].split("?")[0] == found["database"]:
        options = {**options, "sid": found["database"]}
    port = int(found["port"]) if found["port"] else None
    return Address(
        scheme,
        [(found["host"].strip("[]"), port)],
        found["database"],
        options,
        user or None,
        password or None,
    )


def _file(scheme: str, rest: str) -> Address:
    """A path, or nothing."""
    path, _, options = rest.partition("?")
    path, _, more = path.partition(";")
    return Address(scheme, (), path, {**_options(options), **_options(more)})


def _host(text: str) -> tuple[str, int | None]:
    host, _, port = text.rpartition(":") if re.search(r":\d+$", text) else (text, "", "")
    return unquote(host).strip("[]"), int(port) if port else None


def _options(text: str) -> dict[str, str]:
    return dict(parse_qsl(text.lstrip("?;").replace(";", "&"), keep_blank_values=True))


def _with_login_options(found: Address) -> Address:
    options = dict(found.options)
    user = options.pop("user", options.pop("username", found.user))
    return replace(found, user=user, password=options.pop("password", found.password), options=options)


_READERS = {"sqlserver": _semicolons, "oracle": _thin, "duckdb": _file, "sqlite": _file}
