"""The module ``kestra`` for scripts. It prints the ``::{…}::`` protocol, and gives way to an installed package of that name.

Toccata never imports it: it runs in the user's interpreter and needs only the standard library.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_LEVELS = {"WARNING": "WARN", "CRITICAL": "ERROR", "NOTSET": "INFO"}


def _send(members: dict[str, Any]) -> None:
    sys.stdout.write(Kestra.format(members) + "\n")
    sys.stdout.flush()


def _measured(kind: str, name: str, value: float, tags: dict[str, str] | None) -> None:
    _send({"metrics": [{"name": name, "type": kind, "value": value, "tags": tags or {}}]})


class _Handler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        level = _LEVELS.get(record.levelname, record.levelname)
        _send({"logs": [{"level": level, "message": self.format(record)}]})


class Kestra:
    """Outputs, metrics and logs of the task that runs this script."""

    @staticmethod
    def format(members: dict[str, Any]) -> str:
        return "::" + json.dumps(members, default=str) + "::"

    @staticmethod
    def outputs(values: dict[str, Any]) -> None:
        """Merge these values into ``outputs.<task>.vars``."""
        _send({"outputs": values})

    @staticmethod
    def counter(name: str, value: float, tags: dict[str, str] | None = None) -> None:
        _measured("counter", name, value, tags)

    @staticmethod
    def gauge(name: str, value: float, tags: dict[str, str] | None = None) -> None:
        _measured("gauge", name, value, tags)

    @staticmethod
    def timer(name: str, duration: float | Callable[[], object], tags: dict[str, str] | None = None) -> None:
        """Report seconds, or the time that a callable takes."""
        if callable(duration):
            begun = time.perf_counter()
            duration()
            duration = time.perf_counter() - begun
        _measured("timer", name, duration, tags)

    @staticmethod
    def logger() -> logging.Logger:
        """A logger whose records keep their level in the task's log."""
        logger = logging.getLogger("Kestra")
        if not logger.handlers:
            logger.addHandler(_Handler())
            logger.setLevel(logging.DEBUG)
            logger.propagate = False
        return logger


def _step_aside() -> None:
    here = Path(__file__).resolve().parent.parent
    elsewhere = [entry for entry in sys.path if Path(entry or ".").resolve() != here]
    spec = PathFinder.find_spec("kestra", elsewhere)
    if spec is not None and spec.loader is not None:
        module = sys.modules[__name__]
        module.__dict__.update(
            __spec__=spec, __file__=spec.origin, __path__=list(spec.submodule_search_locations or [])
        )
        spec.loader.exec_module(module)


_step_aside()
