"""Filters that encode and decode: JSON, YAML, base64, URLs, digests."""

from __future__ import annotations

import base64
import binascii
import hashlib
from decimal import Decimal
from urllib.parse import quote_plus, unquote_plus

import yaml

from contracts.json_text import NotJson, decimal_text, loads
from contracts.language.expression import ion
from contracts.language.expression.budget import PER_VALUE
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.frame import Frame
from contracts.language.expression.jq.run import results
from contracts.language.expression.reading import charge_json
from contracts.language.expression.text import to_json
from contracts.language.expression.vocabulary import Word, text_of


def _to_json(frame: Frame, value: object) -> str:
    return "null" if value is None else to_json(value, frame.budget)


_YAML_FACTOR = 64
"""A value of 16 bytes becomes a node and some events of about 1,000."""


class _Dumper(yaml.SafeDumper):
    """Indents lists by one column, as Kestra does."""

    def expect_block_sequence(self) -> None:
        super().expect_block_sequence()
        self.indent = (self.indent or 0) + 1


def _decimal(dumper: yaml.SafeDumper, value: Decimal) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:float", decimal_text(value))


_Dumper.add_representer(Decimal, _decimal)


def _to_yaml(frame: Frame, value: object) -> str | None:
    if value is None:
        return None
    before = frame.budget.left
    frame.budget.walk(value)
    frame.budget.charge(_YAML_FACTOR * (before - frame.budget.left))
    try:
        text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
        return text.removesuffix("...\n")
    except yaml.YAMLError as error:
        raise ExpressionError(f"`yaml`: {error}") from error


def _digest(name: str, doc: str, example: str) -> Word:
    def run(frame: Frame, value: object) -> str | None:
        if value is None:
            return None
        return hashlib.new(name, _bytes_of(frame, value, name, 1)).hexdigest()

    return Word(run, doc=doc, example=example)


def _bytes_of(frame: Frame, value: object, name: str, factor: int) -> bytes:
    """Return the text as bytes. Charge ``factor`` more copies."""
    text = text_of(value, f"`{name}`")
    frame.budget.chars(text, 1 + factor)
    return text.encode()


def _base64encode(frame: Frame, value: object) -> str | None:
    return None if value is None else base64.b64encode(_bytes_of(frame, value, "base64encode", 3)).decode()


def _base64decode(frame: Frame, value: object) -> str | None:
    if value is None:
        return None
    try:
        return base64.b64decode(_bytes_of(frame, value, "base64decode", 4), validate=True).decode()
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise ExpressionError("`base64decode`: not base64 of UTF-8 text") from error


def _urlencode(frame: Frame, value: object) -> str | None:
    """As Java's URLEncoder, which Python's differs from in the tilde."""
    if value is None:
        return None
    return quote_plus(_bytes_of(frame, value, "urlencode", 16), safe="*-._").replace("~", "%7E")


def _urldecode(frame: Frame, value: object) -> str | None:
    if value is None:
        return None
    text = text_of(value, "`urldecode`")
    # Each sign of percent begins a part of its own.
    frame.budget.charge(2 * PER_VALUE * text.count("%"))
    frame.budget.chars(text, 4)
    return unquote_plus(text)


def _jq(frame: Frame, value: object, expression: object) -> object:
    """A text is read as JSON."""
    if value is None:
        return None
    if isinstance(value, str):
        charge_json(value, frame.budget)
        try:
            value = loads(value)
        except NotJson as error:
            raise ExpressionError(f"`jq`: the text is no JSON: {error}") from error
    return results(text_of(expression, "`jq`"), value, frame)


def _to_ion(frame: Frame, value: object) -> str:
    return ion.printed(value, frame.budget)


ENCODING = {
    "toIon": Word(
        _to_ion,
        doc="The value as text of [Amazon Ion](https://amazon-ion.github.io/ion-docs/).",
        example="{{ {'a': [1, 1.5, 'x']} | toIon }} → {a:[1,1.5e0,\"x\"]}",
    ),
    "jq": Word(
        _jq,
        ("expression",),
        1,
        doc="The list of all results of a program of [jq](https://jqlang.org/manual/) on the value. A text is read as JSON first.",
        example="{{ {'a': [1, 2]} | jq('.a[] + 1') }} → [2,3]",
    ),
    "toJson": Word(
        _to_json,
        doc="The value as compact JSON. Null entries of maps are left out.",
        example="{{ {'a': [1, true]} | toJson }} → {\"a\":[1,true]}",
    ),
    "json": Word(_to_json, doc="The older name of `toJson`.", example="{{ [1, 'a'] | json }} → [1,\"a\"]"),
    "yaml": Word(_to_yaml, doc="The value as YAML.", example="{{ {'a': 1} | yaml }} → a: 1\n"),
    "base64encode": Word(
        _base64encode, doc="The text in base64.", example="{{ 'abc' | base64encode }} → YWJj"
    ),
    "base64decode": Word(
        _base64decode, doc="The text decoded from base64.", example="{{ 'YWJj' | base64decode }} → abc"
    ),
    "urlencode": Word(
        _urlencode,
        doc="The text encoded for a URL's query.",
        example="{{ 'a b&c' | urlencode }} → a+b%26c",
    ),
    "urldecode": Word(
        _urldecode,
        doc="The text decoded from a part of a URL.",
        example="{{ 'a+b%26c' | urldecode }} → a b&c",
    ),
    "md5": _digest(
        "md5",
        doc="The MD5 digest of the text, in hexadecimal.",
        example="{{ 'abc' | md5 }} → 900150983cd24fb0d6963f7d28e17f72",
    ),
    "sha1": _digest(
        "sha1",
        doc="The SHA-1 digest of the text, in hexadecimal.",
        example="{{ 'abc' | sha1 }} → a9993e364706816aba3e25717850c26c9cd0d89d",
    ),
    "sha256": _digest(
        "sha256",
        doc="The SHA-256 digest of the text, in hexadecimal.",
        example="{{ 'abc' | sha256 | slice(0, 8) }} → ba7816bf",
    ),
    "sha512": _digest(
        "sha512",
        doc="The SHA-512 digest of the text, in hexadecimal.",
        example="{{ 'abc' | sha512 | slice(0, 8) }} → ddaf35a1",
    ),
}
