"""The webhook route. It is plain ASGI, because it is the hottest route. A request waits only for one append, which it shares
with concurrent requests."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping
from dataclasses import replace
from secrets import randbits
from typing import NamedTuple

from starlette.types import Receive, Scope, Send

from contracts.execution import History, StartExecution
from contracts.language.expression.errors import ExpressionError
from contracts.language.types.index import INPUTS
from contracts.language.types.input.common import Input
from contracts.states import State
from contracts.trace import TRACE_HEADER, trace_parent
from services.web.core.auth import WEBHOOKS
from services.web.core.live import Live
from services.web.core.problem import Problem, conflict, unavailable
from services.web.core.view.execution import Lens, execution_line, execution_url
from services.web.core.write.given import Owner, sealed
from services.web.core.write.guesses import Guesses, unknown, until_refusal
from services.web.core.write.start import Target, execution_id, start_by_webhook
from services.web.core.write.webhook import Call, Hook, Moment, admit, hooks_of, match, status_of, unsigned
from services.web.core.write.withheld import Withheld
from services.web.http.answer import dumps
from services.web.http.body import read_all
from services.web.http.guard import address_of, found_header
from services.web.http.parts import Parts
from toccata.runtime.clock import monotonic, now_ms
from toccata.runtime.log import get_logger

log = get_logger()
METHODS = frozenset({"GET", "POST", "PUT"})
_HEADERS = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]


class _Hooks(NamedTuple):
    revision: int
    disabled: bool
    hooks: tuple[Hook, ...]
    secrets: tuple[Input, ...] = ()
    """The flow's inputs of type SECRET."""
    labels: Mapping[str, str] = {}
    """Those of the flow, which its executions get."""


class _Knock(NamedTuple):
    caller: str
    """An address."""
    place: str
    """Namespace, flow and key."""
    at: float


_NONE = _Hooks(0, disabled=True, hooks=())


class WebhookRoute:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._known: dict[tuple[str, str], _Hooks] = {}
        settings = parts.settings
        self._guesses = Guesses(settings.webhook_rate, settings.webhook_burst)
        self._withheld = Withheld(settings.webhook_keep.split(","), settings.webhook_drop.split(","))

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises Problem and Transient, which the caller turns into answers."""
        if scope["method"] not in METHODS:
            raise Problem(
                405, "method-not-allowed", "Method Not Allowed", headers={"Allow": "GET, POST, PUT"}
            )
        namespace, flow_id, key, more = _split(scope["path"])
        knock = _Knock(address_of(scope), f"{namespace}/{flow_id}/{key}", monotonic())
        self._guesses.check(knock.caller, knock.place, knock.at)
        found = await self._hooks(namespace, flow_id)
        moment = Moment(now_ms(), self._parts.ports)
        hook = match(found.hooks, key, moment)
        if hook is None or found.disabled or more:
            raise await self._refusal(knock)
        if await self._parts.triggers.is_off((namespace, flow_id, hook.trigger.id)):
            raise conflict(f"The trigger {hook.trigger.id} is disabled")
        self._guesses.right(knock.caller, knock.place, (namespace, flow_id, hook.trigger.id), knock.at)
        # Nobody's body is read before the key was right.
        body = await read_all(receive, self._parts.settings.max_webhook_bytes)
        call = Call(scope["method"], scope["headers"], scope["query_string"], body)
        if hook.properties.signature is not None:
            self._check_signature(hook, call, moment, knock)
        new_id = execution_id(randbits(128), found_header(scope, b"idempotency-key"), namespace, flow_id)
        owner = Owner(namespace, flow_id, new_id)
        admitted = admit(hook, call, moment, owner, self._withheld)
        if admitted is None:
            await _send(send, 204, [], b"")
            return
        start = admitted.start
        if found.secrets:
            start = replace(start, inputs=sealed(found.secrets, start.inputs, self._parts.encrypt))
        trace = trace_parent(found_header(scope, TRACE_HEADER.encode()))
        target = Target(
            namespace, flow_id, new_id, moment.at, self._parts.table.position, found.revision, trace
        )
        command = start_by_webhook(target, admitted.trigger, start)
        lens = self._parts.lens(scope)
        for each in admitted.kept:
            await self._parts.files.keep(each.uri, io.BytesIO(each.content))
        if hook.properties.wait:
            await self._waited(hook, command, lens, send)
            return
        await self._parts.starts.submit(command)
        live = Live(
            new_id, namespace, flow_id, found.revision, 0, [History(State.CREATED, moment.at)],
            labels={**found.labels, **command.labels}, trigger=command.trigger,
        )  # fmt: skip
        code = hook.properties.response_code
        await _send(send, code if isinstance(code, int) else 200, _HEADERS, dumps(_page(live, lens)))

    async def _waited(self, hook: Hook, command: StartExecution, lens: Lens, send: Send) -> None:
        live = await self._parts.starts.start(command, wait=True, repeatable=True)
        if live is None:
            raise Problem(504, "timeout", "The execution did not end in time; it goes on")
        properties = hook.properties
        status = status_of(hook, live, Moment(now_ms(), self._parts.ports))
        if not properties.return_outputs:
            await _send(send, status, _HEADERS, dumps(_page(live, lens)))
            return
        kind = properties.response_content_type.encode()
        headers = [(b"content-type", kind), (b"cache-control", b"no-store")]
        await _send(send, status, headers, dumps(live.outputs))

    async def _refusal(self, knock: _Knock) -> Problem:
        self._guesses.wrong(knock.caller, knock.place, knock.at)
        await asyncio.sleep(until_refusal(knock.at, monotonic()))
        return unknown()

    def _check_signature(self, hook: Hook, call: Call, moment: Moment, knock: _Knock) -> None:
        """Raise Problem if the request is not signed as the hook wants."""
        try:
            reason = unsigned(hook, call, moment)
        except ExpressionError as error:
            log.error("webhook_secret_unavailable", trigger=hook.trigger.id, reason=str(error))
            raise unavailable("The signature cannot be checked now") from error
        if reason:
            self._guesses.wrong(knock.caller, knock.place, knock.at)
            raise Problem(401, "unauthenticated", f"Unauthorized: {reason}")

    async def _hooks(self, namespace: str, flow_id: str) -> _Hooks:
        state = self._parts.table.get(namespace, flow_id)
        if state is None:
            return _NONE
        known = self._known.get((namespace, flow_id))
        if known is not None and known.revision == state.revision:
            return known
        await self._parts.table.prepare(namespace, flow_id, state.revision)
        plan = self._parts.table.plan(namespace, flow_id, state.revision)
        if plan is None:
            return _NONE
        known = _Hooks(
            state.revision,
            plan.flow.disabled,
            hooks_of(plan.flow),
            tuple(each for each in plan.flow.inputs if INPUTS[each.type].secret),
            {each.key: each.value for each in plan.flow.labels if not each.key.startswith("system.")},
        )
        self._known[namespace, flow_id] = known
        return known


def _page(live: Live, lens: Lens) -> dict[str, object]:
    page = execution_line(live, lens)
    page["url"] = execution_url(live.id, live.namespace, live.flow_id, lens)
    return page


def _split(path: str) -> tuple[str, str, str, bool]:
    """Return namespace, flow, key, and whether anything follows, even a slash. What is missing is empty, and no webhook has that."""
    parts = [*path[len(WEBHOOKS) :].split("/", 3), "", ""]
    return parts[0], parts[1], parts[2], path.count("/", len(WEBHOOKS)) > 2


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    length = [] if status == 204 else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
    await send({"type": "http.response.body", "body": body})
