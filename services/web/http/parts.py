"""What the routes are given by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry
from starlette.requests import Request

from services.web.adapters.log_tail import LogTail
from services.web.adapters.postgres import PostgresRows
from services.web.core.auth import Credentials
from services.web.core.rendering import Ports
from services.web.core.view import Lens
from services.web.ports import Projection
from services.web.settings import WebSettings
from services.web.shell.executions import Executions
from services.web.shell.flows import Flows
from services.web.shell.triggers import Triggers
from toccata.plugins.host.catalog import PluginCatalog
from toccata.runtime.clock import now_ms
from toccata.runtime.flow_table import FlowTable

if TYPE_CHECKING:
    from starlette.types import Scope

LEGACY = "toccata.legacy"
"""Key of the ASGI scope: the request came in a form of the 1.x generation."""


@dataclass(frozen=True, slots=True)
class Parts:
    settings: WebSettings
    credentials: Credentials
    public_url: str
    instance_id: str
    executions: Executions
    flows: Flows
    triggers: Triggers
    rows: PostgresRows
    projection: Projection
    table: FlowTable
    logs: LogTail
    catalog: PluginCatalog
    registry: CollectorRegistry
    checks: Mapping[str, Callable[[], bool]]
    drain: Callable[[], None]
    """Web stops: ends streams and waits at once."""
    ports: Ports
    """Functions of expressions that reach outside: ``secret`` for webhook keys."""

    def lens(self, scope: Scope) -> Lens:
        return Lens(now_ms(), bool(scope.get(LEGACY)), self.public_url)


def parts_of(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


def query_items(request: Request) -> list[tuple[str, str]]:
    return request.query_params.multi_items()
