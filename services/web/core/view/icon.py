"""Icons of types: a letter on a tile, coloured by the group. Kestra's own icons are trademarks of others, so none is shipped."""

from __future__ import annotations

from base64 import b64encode
from hashlib import blake2b

from services.web.core.view.page import Json


def svg(name: str) -> str:
    """Of a type or a group. The letter is that of its last word, the colour that of the group."""
    group, _, word = name.rpartition(".")
    hue = int.from_bytes(blake2b((group or name).encode(), digest_size=2).digest(), "big") % 360
    letter = next((each for each in word.upper() if each.isascii() and each.isalnum()), "T")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
        f'<rect width="24" height="24" rx="5" fill="hsl({hue},45%,45%)"/>'
        '<text x="12" y="17" text-anchor="middle" font-family="sans-serif" font-size="14" fill="white">'
        f"{letter}</text></svg>"
    )


def icon(name: str, *, flowable: bool) -> Json:
    text = svg(name)
    return {
        "name": name.rpartition(".")[2],
        "icon": b64encode(text.encode()).decode(),
        "flowable": flowable,
        "monochrome": False,
        "hash": blake2b(text.encode(), digest_size=8).hexdigest(),
    }
