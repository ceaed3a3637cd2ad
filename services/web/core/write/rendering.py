"""The scope for defaults and conditions of inputs while web checks them. An expression that goes beyond it fails with a
text for its author."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from contracts.language.expression.scope import Scope
from contracts.language.flow.model import Flow
from contracts.language.flow.trigger_start import LIMITS, flow_variables

Ports = Mapping[str, Callable[..., object]]
"""Functions of expressions that need something from outside."""


def input_scope(flow: Flow, now: datetime, seed: int, ports: Ports) -> Scope:
    return Scope(flow_variables(flow), now, seed, ports, LIMITS)
