"""How a task says that it failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Outputs: TypeAlias = Mapping[str, Any]
"""The outputs of a task: JSON values by name. None values are dropped."""


class TaskFailed(Exception):
    """A task raises it to fail with this message. The task run keeps ``outputs`` (exit codes, partial files)."""

    def __init__(self, message: str, outputs: Outputs | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.outputs = outputs or {}


class HttpFailed(TaskFailed):
    """No answer, or one that means failure: then ``status`` is its number, and ``body`` the first of its text."""

    def __init__(self, message: str, status: int | None = None, body: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.body = body
