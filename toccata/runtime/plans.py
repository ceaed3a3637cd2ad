"""Compiled flows, made when first used. A long source takes more than a second, so a thread compiles it for whoever can wait."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeAlias

from contracts.language.flow.parse import parse_flow
from contracts.language.flow.plan import Plan, compile_plan
from contracts.registry import FlowState

LONG_CHARS = 16_000
"""A shorter source is compiled at once."""
_MOST = 2_000
_AT_ONCE = 2
"""More threads would only share the processor with the event loop."""
_Key: TypeAlias = tuple[str, str, int]
Compile: TypeAlias = Callable[[FlowState], Plan | None]


class Plans:
    """``compiled`` is called after each long source."""

    def __init__(self, compiled: Callable[[], None], make: Compile | None = None) -> None:
        self._compiled = compiled
        self._make = make or compile_state
        self._known: OrderedDict[_Key, Plan | None] = OrderedDict()
        self._making: dict[_Key, asyncio.Task[None]] = {}
        self._raised: set[_Key] = set()
        """Those that no thread could compile. Who asks for one gets the error."""
        self._free = asyncio.Semaphore(_AT_ONCE)

    def of(self, state: FlowState) -> Plan | None:
        """Return the plan, at once. None if this version cannot parse the source."""
        key = _key(state)
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        plan = self._make(state)
        self._keep(key, plan)
        return plan

    def prepare(self, state: FlowState) -> asyncio.Task[None] | None:
        """Begin to compile a long source in a thread. Return what to wait for. None: :meth:`of` takes no time."""
        key = _key(state)
        if len(state.source) < LONG_CHARS or key in self._known or key in self._raised:
            return None
        if key not in self._making:
            self._making[key] = asyncio.get_running_loop().create_task(self._prepare(key, state))
        return self._making[key]

    async def stop(self) -> None:
        for task in self._making.values():
            task.cancel()
        await asyncio.gather(*self._making.values(), return_exceptions=True)

    async def _prepare(self, key: _Key, state: FlowState) -> None:
        try:
            async with self._free:
                self._keep(key, await asyncio.to_thread(self._make, state))
        except Exception:  # noqa: BLE001 - raised again for who asks for the plan
            self._raised.add(key)
        finally:
            del self._making[key]
            self._compiled()

    def _keep(self, key: _Key, plan: Plan | None) -> None:
        self._known[key] = plan
        if len(self._known) > _MOST:
            self._known.popitem(last=False)


def compile_state(state: FlowState) -> Plan | None:
    parsed = parse_flow(state.source, None)
    if parsed.flow is None or parsed.errors:
        return None
    return compile_plan(parsed.flow.model_copy(update={"revision": state.revision}))


def _key(state: FlowState) -> _Key:
    return state.namespace, state.flow_id, state.revision
