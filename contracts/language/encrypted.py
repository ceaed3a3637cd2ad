"""An encrypted value: how it looks in inputs and outputs, and where it is. Knows no key and no cipher.

Its form is Kestra's: ``{"type": "io.kestra.datatype:aes_encrypted", "value": "<base64>"}``. Whoever has the key decrypts it just before a
template reads it; nobody else ever sees the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

TYPE = "io.kestra.datatype:aes_encrypted"
NOT_CONFIGURED = "Unable to use a `SECRET` input/output as encryption is not configured"
MASK = "******"
"""Stands for a secret wherever somebody reads."""


def encrypted_value(ciphertext: str) -> dict[str, str]:
    return {"type": TYPE, "value": ciphertext}


def ciphertext_of(value: object) -> str | None:
    """Return the base64 text of an encrypted value, or None if it is any other value."""
    if isinstance(value, Mapping) and value.get("type") == TYPE and isinstance(value.get("value"), str):
        return str(value["value"])
    return None


def holds_encrypted(value: object) -> bool:
    """Return whether a value is encrypted, or something in it."""
    if isinstance(value, Mapping):
        return ciphertext_of(value) is not None or any(holds_encrypted(part) for part in value.values())
    return isinstance(value, (list, tuple)) and any(holds_encrypted(part) for part in value)


def replaced(value: Any, change: Callable[[str], Any]) -> Any:
    """Return the value with ``change(ciphertext)`` in place of what is encrypted in it. What has nothing encrypted stays the same object."""
    if isinstance(value, dict):
        ciphertext = ciphertext_of(value)
        if ciphertext is not None:
            return change(ciphertext)
        parts = {key: replaced(part, change) for key, part in value.items()}
        return parts if any(parts[key] is not value[key] for key in parts) else value
    if isinstance(value, list):
        items = [replaced(part, change) for part in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


DECRYPTED = ("inputs", "outputs", "parent", "parents", "execution")
"""The variables whose encrypted values templates read as texts. Of a trigger, which anybody may call, only ``outputs``."""


def decrypted(variables: dict[str, Any], decrypt: Callable[[str], Any]) -> dict[str, Any]:
    """Return the variables of templates with texts in place of what is encrypted in them."""
    found = {name: replaced(variables[name], decrypt) for name in DECRYPTED if name in variables}
    trigger = variables.get("trigger")
    if isinstance(trigger, dict) and "outputs" in trigger:
        found["trigger"] = {**trigger, "outputs": replaced(trigger["outputs"], decrypt)}
    return {**variables, **found}


def reads_encrypted(paths: Iterable[tuple[str, ...]], variables: Mapping[str, Any]) -> bool:
    """Return whether one of these paths of variables leads to something encrypted."""
    return any(
        holds_encrypted(_at(variables, path))
        for path in paths
        if path[0] in DECRYPTED or path[:2] == ("trigger", "outputs")
    )


def _at(value: Any, path: tuple[str, ...]) -> Any:
    """Return the value at the path, or the nearest one above it: a step may be a method's name."""
    for step in path:
        if not isinstance(value, Mapping) or step not in value or ciphertext_of(value) is not None:
            break
        value = value[step]
    return value
