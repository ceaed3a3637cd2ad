"""The parts that the composition root gives to the routes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.requests import Request

from contracts.scalars import JsonObject
from services.web.core.live import Live
from services.web.core.view.execution import Lens, execution_page
from services.web.core.write.rendering import Ports
from services.web.ports import FlowTable, Rows
from services.web.settings import WebSettings
from services.web.shell.access import Access
from services.web.shell.action import Actions
from services.web.shell.deletion import Deletions
from services.web.shell.executions import Executions
from services.web.shell.files import Files
from services.web.shell.flow_write import FlowWrites
from services.web.shell.logs import Logs
from services.web.shell.namespace_files import NamespaceFiles
from services.web.shell.opening import Opening
from services.web.shell.reading import Reading
from services.web.shell.start import Starts
from services.web.shell.triggers import Triggers
from services.web.shell.values import Values
from toccata.editor.language import Language
from toccata.plugins.host.catalog import PluginCatalog
from toccata.runtime.clock import now_ms
from toccata.runtime.health import Health
from toccata.runtime.metrics import MetricsPage

if TYPE_CHECKING:
    from starlette.types import Scope

LEGACY = "toccata.legacy"
"""Key of the ASGI scope. True if the request came in a form of 1.x."""


@dataclass(frozen=True, slots=True)
class Parts:
    settings: WebSettings
    access: Access
    public_url: str
    instance_id: str
    executions: Executions
    starts: Starts
    actions: Actions
    deletions: Deletions
    flows: FlowWrites
    triggers: Triggers
    values: Values
    logs: Logs
    files: Files
    namespace_files: NamespaceFiles
    rows: Rows
    table: FlowTable
    catalog: PluginCatalog
    opening: Opening
    page: MetricsPage
    health: Health
    drain: Callable[[], None]
    """Called when web stops. It ends streams and waits at once."""
    ports: Ports
    """Functions of expressions that need something from outside: ``secret`` for webhook keys."""
    secret_names: Callable[[], list[str]]
    """Names of the secrets that web was given."""
    language: Language
    """For whoever writes a flow."""
    encrypt: Callable[[str], str] | None = None
    """For values of SECRET inputs. None: encryption is not configured."""
    reading: Reading = field(default_factory=Reading)

    def lens(self, scope: Scope) -> Lens:
        return Lens(now_ms(), bool(scope.get(LEGACY)), self.public_url)


def parts_of(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


def query_items(request: Request) -> list[tuple[str, str]]:
    return request.query_params.multi_items()


def page_of(parts: Parts, live: Live, lens: Lens) -> JsonObject:
    if live.variables is not None:
        return execution_page(live, lens, live.variables)
    plan = parts.table.plan(live.namespace, live.flow_id, live.revision)
    return execution_page(live, lens, dict(plan.flow.variables) if plan is not None else None)
