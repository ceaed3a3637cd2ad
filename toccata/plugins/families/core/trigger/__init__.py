"""The triggers that trigger-listener and web evaluate: time, events, HTTP requests. Declarations; their rules stand in
``contracts.language.flow.trigger``, their evaluation in ``services.trigger_listener`` and web."""

from __future__ import annotations

from toccata.plugins.families.core.trigger.event import EVENT
from toccata.plugins.families.core.trigger.schedule import SCHEDULE
from toccata.plugins.families.core.trigger.webhook import WEBHOOK

PLUGINS = (SCHEDULE, WEBHOOK, EVENT)
