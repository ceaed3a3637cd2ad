"""Names and ids in a flow: which characters and which length each kind may have."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, Field


def matching(pattern: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if compiled.fullmatch(text) is None:
            raise ValueError(f'must match "{pattern}"')
        return text

    return check


def at_most(longest: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not 1 <= len(text) <= longest:
            raise ValueError(f"size must be between 1 and {longest}")
        return text

    return check


DottedId = Annotated[
    str, AfterValidator(matching(r"^[a-zA-Z0-9][.a-zA-Z0-9_-]*")), AfterValidator(at_most(256))
]
DisplayName = Annotated[str, Field(max_length=64)]
