"""Commands that become another program: this process is replaced, so signals and exit codes are its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Literal, NoReturn, get_args

Service = Literal["web", "trigger-listener", "executor", "worker", "indexer"]
SERVICES: tuple[Service, ...] = get_args(Service)


def become(module: str, arguments: Sequence[str] = ()) -> NoReturn:
    """``python -m module``, with the environment as it is."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606 - no shell is wanted


def serve(service: Service) -> NoReturn:
    become(f"services.{service.replace('-', '_')}")
