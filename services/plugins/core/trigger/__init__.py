"""The triggers that trigger-listener and web evaluate: time, events, HTTP requests. Declarations; their rules stand in
``contracts.flow.trigger``, their evaluation in ``services.trigger_listener`` and web."""

from __future__ import annotations

from services.plugins.core.trigger.event import EVENT
from services.plugins.core.trigger.schedule import SCHEDULE
from services.plugins.core.trigger.webhook import WEBHOOK

PLUGINS = (SCHEDULE, WEBHOOK, EVENT)
