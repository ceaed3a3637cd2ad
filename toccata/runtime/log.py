"""Sets up structlog once in each process: one JSON line for each event, on standard error."""

from __future__ import annotations

import logging
import sys
from typing import Any

import orjson
import structlog

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def configure(service: str, level: str = "info") -> None:
    """Configure logging. Every line then has ``service``. Libraries' logs appear from level warning."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_dumps),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    logging.basicConfig(handlers=[_Forward()], level=logging.WARNING, force=True)
    # aiokafka logs each lost connection as an error. Our shells report the outage once.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)


def get_logger() -> Any:
    return structlog.get_logger()


def _dumps(event: object, **_: object) -> str:
    return orjson.dumps(event, default=repr).decode()


class _Forward(logging.Handler):
    """Writes library records as our lines."""

    def emit(self, record: logging.LogRecord) -> None:
        level = {"CRITICAL": "error"}.get(record.levelname, record.levelname.lower())
        line = getattr(structlog.get_logger(), level, structlog.get_logger().warning)
        line("library_logged", logger=record.name, message=record.getMessage(), exc_info=record.exc_info)
