"""The page of settings: every class of pydantic-settings in the product, field by field."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from docs.generate.annotation import in_words
from docs.generate.source import modules, own_doc
from docs.generate.table import Pages, code, page, sentence, table
from toccata.runtime.variables import FILE_SUFFIX, FLOW_SECRETS_FILE, SECRET_SETTINGS

INTRODUCTION = """
Every setting is an environment variable. A process reads its settings once, when it starts.
If a value is wrong, the process ends with a message that names the variable.
[Settings](../guides/settings.md) says where to set them.
"""
_UNITS = {"seconds": "seconds", "hours": "hours", "bytes": "bytes", "ms": "milliseconds", "days": "days"}


@dataclass(frozen=True, slots=True)
class Setting:
    variable: str
    type: str
    bounds: str
    default: str
    doc: str
    owner: str
    """The class that declares it."""


COMMAND_LINE = (
    Setting(
        "TOCCATA_URL",
        "text",
        "",
        "",
        "Address of web, for the command line. `toccata env` shows what it uses.",
        "",
    ),
    Setting(
        "TOCCATA_TOKEN",
        "text",
        "",
        "",
        "An API token, for the command line, instead of user and password.",
        "",
    ),
)
"""The variables that the command line reads besides the settings of services."""
SECRET_FILES = (
    *(
        Setting(name + FILE_SUFFIX, "path", "", "", f"File that holds the value of `{name}`.", "")
        for name in SECRET_SETTINGS
    ),
    Setting(
        FLOW_SECRETS_FILE,
        "path",
        "",
        "",
        "File with the secrets of flows, a line `SECRET_<NAME>=<base64>` each.",
        "",
    ),
)
"""The files that may hold secret settings."""


def settings_classes() -> list[type[BaseSettings]]:
    """In the order of their modules."""
    found: list[type[BaseSettings]] = []
    for name, path in modules().items():
        if "Settings(" not in path.read_text(encoding="utf-8") and not name.endswith(".settings"):
            continue
        module = import_module(name)
        found += [
            each
            for each in vars(module).values()
            if inspect.isclass(each) and issubclass(each, BaseSettings) and each.__module__ == name
        ]
    return found


def settings_of(owner: type[BaseSettings]) -> Iterator[Setting]:
    """The settings that the class adds to inherited ones."""
    inherited: set[str] = set()
    for base in owner.__bases__:
        inherited |= set(getattr(base, "model_fields", {}))
    for name, field in owner.model_fields.items():
        if name not in inherited:
            yield Setting(
                _variable(owner, name, field),
                in_words(field.annotation),
                _bounds(name, field),
                _default(field),
                sentence(field.description or ""),
                owner.__name__,
            )


def pages() -> Pages:
    parts = ["## The command line", _table(COMMAND_LINE), "## Secrets as files", _table(SECRET_FILES)]
    for owner in settings_classes():
        own = list(settings_of(owner))
        if own:
            parts += [f"## {_title(owner)}", own_doc(owner).replace("``", "`"), _table(own)]
    return {"reference/settings.md": page("Settings", INTRODUCTION, *parts)}


def _table(found: Iterable[Setting]) -> str:
    rows = [(code(each.variable), each.type, each.bounds, each.default, each.doc) for each in found]
    return table(("variable", "type", "bounds", "default", "meaning"), rows)


def _title(owner: type[BaseSettings]) -> str:
    place = owner.__module__.replace("_", "-").split(".")
    name = owner.__name__.removesuffix("Settings")
    where = place[1] if place[0] == "services" else place[-1] if place[-1] != "settings" else place[-2]
    words = {"runtime": "every service", "postgres": "PostgreSQL"}
    shown = words.get(where, where)
    return {"Common": "Every service", "Kafka": "Kafka", "Auth": "Sign-in", "Postgres": "PostgreSQL"}.get(
        name, shown[0].upper() + shown[1:]
    )


def _variable(owner: type[BaseSettings], name: str, field: FieldInfo) -> str:
    if isinstance(field.validation_alias, str):
        return field.validation_alias
    return f"{owner.model_config.get('env_prefix', '')}{name}".upper()


def _bounds(name: str, field: FieldInfo) -> str:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<", "min_length": "length ≥", "max_length": "length ≤"}
    found = [
        f"{sign} {getattr(limit, key):,}"
        for limit in field.metadata
        for key, sign in signs.items()
        if getattr(limit, key, None) is not None
    ]
    unit = _UNITS.get(name.rpartition("_")[2], "")
    return " ".join([", ".join(found), unit]).strip()


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return "computed"
    value = field.default
    if value is PydanticUndefined:
        return "required"
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    return code(value) if value not in (None, "") else ""
