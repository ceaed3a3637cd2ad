"""What the defaults and conditions of inputs may see while web checks them. What an expression may not do here fails with a
text for its author."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from contracts.language.expression.scope import Scope
from contracts.language.flow.model import Flow
from contracts.language.flow.trigger_start import LIMITS, flow_variables

Ports = Mapping[str, Callable[..., object]]
"""Functions of expressions that reach outside."""


def input_scope(flow: Flow, now: datetime, seed: int, ports: Ports) -> Scope:
    return Scope(flow_variables(flow), now, seed, ports, LIMITS)
