r"""Translates Java's regular expressions into those of the library ``regex``, which has the same features in other words.

Java's classes ``\d``, ``\w`` and ``\s`` are those of ASCII. A class may contain classes, and ``&&`` intersects. What has no
counterpart is refused with its place; nothing changes its meaning in silence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from contracts.language.expression.errors import ExpressionError

_POSIX = {
    "Lower": "a-z",
    "Upper": "A-Z",
    "ASCII": r"\x00-\x7f",
    "Alpha": "a-zA-Z",
    "Digit": "0-9",
    "Alnum": "0-9a-zA-Z",
    "Punct": r"!-/:-@\[-`\{-\x7e",
    "Graph": r"!-\x7e",
    "Print": r"\x20-\x7e",
    "Blank": r"\x20\t",
    "Cntrl": r"\x00-\x1f\x7f",
    "XDigit": "0-9a-fA-F",
    "Space": r"\x20\t\n\x0b\f\r",
}
_JAVA = {
    "javaLowerCase": r"\p{Lowercase}",
    "javaUpperCase": r"\p{Uppercase}",
    "javaLetter": r"\p{L}",
    "javaDigit": r"\p{Nd}",
    "javaLetterOrDigit": r"\p{L}\p{Nd}",
    "javaWhitespace": r"\p{Z}\t\n\x0b\f\r\x1c-\x1f",
}
_PLAIN_CLASSES = {
    "d": "0-9",
    "w": "a-zA-Z_0-9",
    "s": r"\x20\t\n\x0b\f\r",
    "h": r"\x20\t\xa0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000",
    "v": r"\n\x0b\f\r\x85\u2028\u2029",
}
_SAME = frozenset("tnrfabBAGZzR")
"""Escapes that mean the same in both, outside of a class."""
_SAME_IN_CLASS = frozenset("tnrfa")
_NOT_LINE_END = r"[^\n\r\x85\u2028\u2029]"
_QUANTITY = re.compile(r"\{[0-9]+(?:,[0-9]*)?\}")
_HEX = re.compile(r"x([0-9a-fA-F]{2})|x\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|0([0-3]?[0-7]{1,2})")
_PROPERTY = re.compile(r"\{([A-Za-z0-9_= -]+)\}|([A-Z])")
_GROUP = re.compile(r"\(\?(?:<([A-Za-z][A-Za-z0-9]*)>|([a-zA-Z-]*)([:)])|(=|!|>|<=|<!))")
_NAME = re.compile(r"<([A-Za-z][A-Za-z0-9]*)>")
_FLAGS = frozenset("imsxu-")


@dataclass(slots=True)
class _Translation:
    source: str
    at: int = 0
    out: list[str] = field(default_factory=list)
    dot_all: bool = False

    def whole(self) -> str:
        while self.at < len(self.source):
            self._one()
        return "".join(self.out)

    def _one(self) -> None:
        sign = self.source[self.at]
        if sign == "\\":
            self.out.append(self._escape())
        elif sign == "[":
            self.out.append(self._class())
        elif sign == "(":
            self._open()
        elif sign == "{":
            self._quantity()
        else:
            dot = sign == "." and not self.dot_all
            self.out.append(_NOT_LINE_END if dot else sign)
            self.at += 1

    def _open(self) -> None:
        match = _GROUP.match(self.source, self.at)
        if match is None:
            if self.source.startswith("(?", self.at):
                raise self._refused("a group of an unknown kind", self.source[self.at : self.at + 4])
            self.out.append("(")
            self.at += 1
            return
        name, flags, _, _ = match.groups()
        if flags:
            self._note_flags(flags)
        self.out.append(f"(?P<{name}>" if name else match[0].replace("u", "") if flags else match[0])
        if self.out[-1] == "(?)":
            self.out.pop()
        self.at = match.end()

    def _note_flags(self, flags: str) -> None:
        if not set(flags) <= _FLAGS:
            raise self._refused("a flag that is not supported", flags)
        on = flags.partition("-")[0]
        # A flag inside of a group would end with it. Taking it as set for the rest keeps `.` as the author wrote it.
        self.dot_all = self.dot_all or "s" in on

    def _quantity(self) -> None:
        match = _QUANTITY.match(self.source, self.at)
        if match is None:
            raise self._refused("an illegal repetition", "{")
        self.out.append(match[0])
        self.at = match.end()

    def _escape(self) -> str:
        self.at += 1
        if self.at >= len(self.source):
            raise self._refused("a backslash at the end", "\\")
        sign = self.source[self.at]
        if sign == "Q":
            return self._quoted()
        if sign in _SAME:
            self.at += 1
            if sign == "Z":
                return r"(?=\n?\Z)"
            return {"z": r"\Z", "R": r"(?:\r\n|[\n\x0b\f\r\x85\u2028\u2029])"}.get(sign, "\\" + sign)
        if sign in "123456789":
            self.at += 1
            return f"(?:\\{sign})"
        if sign == "k":
            return self._named_reference()
        if sign == "X":
            self.at += 1
            return r"\X"
        inner, negated = self._class_escape()
        if negated or len(inner) > 1:
            return f"[{'^' if negated else ''}{inner}]" if not inner.startswith("[") else inner
        return inner

    def _quoted(self) -> str:
        end = self.source.find("\\E", self.at)
        text = self.source[self.at + 1 : end if end >= 0 else len(self.source)]
        self.at = end + 2 if end >= 0 else len(self.source)
        return "".join(re.escape(sign) for sign in text)

    def _named_reference(self) -> str:
        match = _NAME.match(self.source, self.at + 1)
        if match is None:
            raise self._refused("a reference without a name", "\\k")
        self.at = match.end()
        return f"(?P={match[1]})"

    def _class_escape(self) -> tuple[str, bool]:
        """Return what stands in a class for the escape at ``at``, and whether it is the opposite of that."""
        sign = self.source[self.at]
        if sign.lower() in _PLAIN_CLASSES:
            self.at += 1
            return _PLAIN_CLASSES[sign.lower()], sign.isupper()
        if sign in "pP":
            return self._property(negated=sign == "P")
        number = _HEX.match(self.source, self.at)
        if number is not None:
            self.at = number.end()
            code = (
                int(next(part for part in number.groups()[:3] if part), 16)
                if number[4] is None
                else int(number[4], 8)
            )
            if code > 0x10FFFF:
                raise self._refused("a character that does not exist", number[0])
            return f"\\U{code:08x}", False
        self.at += 1
        if sign in _SAME_IN_CLASS:
            return "\\" + sign, False
        if sign == "e":
            return r"\x1b", False
        if sign.isascii() and sign.isalnum():
            raise self._refused("an escape that Java does not know or that is not supported", "\\" + sign)
        return re.escape(sign) if sign.isascii() else sign, False

    def _property(self, *, negated: bool) -> tuple[str, bool]:
        match = _PROPERTY.match(self.source, self.at + 1)
        if match is None:
            raise self._refused("a property without a name", "\\p")
        self.at = match.end()
        name = match[1] or match[2]
        found = _POSIX.get(name) or _JAVA.get(name)
        if found is not None:
            return found, negated
        if name.startswith("In"):
            name = f"Block={name[2:]}"
        elif name.startswith("Is"):
            name = name[2:]
        return f"\\{'P' if negated else 'p'}{{{name}}}", False

    def _class(self) -> str:
        """Translate ``[…]`` with the classes inside it."""
        self.at += 1
        negated = self.source.startswith("^", self.at)
        self.at += negated
        operands: list[list[str]] = [[]]
        first = True
        while True:
            if self.at >= len(self.source):
                raise self._refused("a class that is not closed", "[")
            sign = self.source[self.at]
            if sign == "]" and not first:
                self.at += 1
                break
            first = False
            if sign == "[":
                operands[-1].append(self._class())
            elif self.source.startswith("&&", self.at):
                self.at += 2
                operands.append([])
                first = False
            elif sign == "\\":
                operands[-1].append(self._escape_in_class())
            else:
                self.at += 1
                operands[-1].append(self._plain_in_class(sign, operands[-1]))
        parts = ["".join(each) for each in operands if each]
        if not parts:
            raise self._refused("an empty class", "[]")
        inner = parts[0] if len(parts) == 1 else "&&".join(f"[{each}]" for each in parts)
        return f"[{'^' if negated else ''}{inner}]"

    def _escape_in_class(self) -> str:
        self.at += 1
        if self.at >= len(self.source):
            raise self._refused("a backslash at the end", "\\")
        if self.source[self.at] == "Q":
            return self._quoted()
        if self.source[self.at] == "b":
            raise self._refused("an escape that a class cannot have", "\\b")
        inner, negated = self._class_escape()
        several = negated or inner.startswith(r"\p") or len(inner) > len(r"\U00000000")
        return f"[{'^' if negated else ''}{inner}]" if several else inner

    def _plain_in_class(self, sign: str, before: list[str]) -> str:
        """Signs that mean an operation of sets there are themselves in Java. A hyphen between two signs is a range in both."""
        alone = sign == "-" and (
            self.source.startswith("-", self.at) or not before or before[-1].endswith("]")
        )
        return "\\" + sign if sign in "|~" or alone else sign

    def _refused(self, what: str, shown: str) -> ExpressionError:
        place = f" near position {self.at + 1}" if self.at else ""
        return ExpressionError(
            f"The regular expression `{self.source}` is not valid: it has {what}, `{shown}`{place}"
        )


def translated(pattern: str) -> str:
    """Return the pattern for ``regex`` with its flag V1. Raise ExpressionError for what it cannot express."""
    return _Translation(pattern).whole()
