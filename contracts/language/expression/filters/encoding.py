"""Filters that encode: JSON, YAML, base64, URLs, digests."""

from __future__ import annotations

import base64
import binascii
import hashlib
from urllib.parse import quote_plus, unquote_plus

import yaml

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.frame import Frame
from contracts.language.expression.text import to_json
from contracts.language.expression.vocabulary import Word, text_of


def _to_json(_: Frame, value: object) -> str:
    return "null" if value is None else to_json(value)


class _Dumper(yaml.SafeDumper):
    """Lists are indented by one column, as the reference writes them."""

    def expect_block_sequence(self) -> None:
        super().expect_block_sequence()
        self.indent = (self.indent or 0) + 1


def _to_yaml(_: Frame, value: object) -> str | None:
    if value is None:
        return None
    try:
        text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
        return text.removesuffix("...\n")
    except yaml.YAMLError as error:
        raise ExpressionError(f"`yaml`: {error}") from error


def _digest(name: str) -> Word:
    def run(_: Frame, value: object) -> str | None:
        if value is None:
            return None
        return hashlib.new(name, text_of(value, f"`{name}`").encode()).hexdigest()

    return Word(run)


def _base64encode(_: Frame, value: object) -> str | None:
    return None if value is None else base64.b64encode(text_of(value, "`base64encode`").encode()).decode()


def _base64decode(_: Frame, value: object) -> str | None:
    if value is None:
        return None
    try:
        return base64.b64decode(text_of(value, "`base64decode`"), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise ExpressionError("`base64decode`: not base64 of UTF-8 text") from error


def _urlencode(_: Frame, value: object) -> str | None:
    return None if value is None else quote_plus(text_of(value, "`urlencode`"), safe="*-._")


def _urldecode(_: Frame, value: object) -> str | None:
    return None if value is None else unquote_plus(text_of(value, "`urldecode`"))


ENCODING = {
    "toJson": Word(_to_json),
    "json": Word(_to_json),
    "yaml": Word(_to_yaml),
    "base64encode": Word(_base64encode),
    "base64decode": Word(_base64decode),
    "urlencode": Word(_urlencode),
    "urldecode": Word(_urldecode),
    "md5": _digest("md5"),
    "sha1": _digest("sha1"),
    "sha256": _digest("sha256"),
    "sha512": _digest("sha512"),
}
