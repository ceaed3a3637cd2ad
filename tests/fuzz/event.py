"""Events from outside: any bytes and headers on ``events`` and on a topic that a trigger names, read, matched, and made a start."""

from __future__ import annotations

from hypothesis import strategies as st

from contracts import codec
from contracts.cloudevent import InvalidCloudEvent, binary_headers
from contracts.execution import StartExecution
from contracts.registry import FlowState
from services.trigger_listener.core.incoming import read_event
from services.trigger_listener.core.match import Matchers, WhenFailed, event_triggers, start_of
from tests.fuzz.related import AT
from tests.fuzz.text import PIECES, mutated
from toccata.runtime.fetch import Fetched

SOURCE = """\
id: orders
namespace: shop
tasks:
  - {id: say, type: io.kestra.plugin.core.log.Log, message: hi}
triggers:
  - {id: all, type: io.toccata.plugin.core.trigger.Event, inputs: {n: "{{ trigger.data.n }}"}}
  - {id: glob, type: io.toccata.plugin.core.trigger.Event, eventType: "order.*", source: "*", subject: "[o]*"}
  - {id: when, type: io.toccata.plugin.core.trigger.Event, when: "{{ trigger.data.n > 1 and trigger.headers.x is defined }}"}
  - {id: plain, type: io.toccata.plugin.core.trigger.Event, topic: foreign, when: "{{ trigger.data | length > 0 }}"}
"""
_NAMES = ["ce_id", "ce_type", "ce_source", "ce_specversion", "ce_subject", "ce_time", "ce_toccatatrace", "content-type", "x", "", "\x00", "é" * 50]  # fmt: skip
_TEXTS = st.one_of(
    st.sampled_from(["1.0", "order.created", "/shop", "2026-01-01T00:00:00Z", "0" * 300, *PIECES]), st.text(max_size=20)
)  # fmt: skip
_BYTES = _TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass"))
_VALUES = st.one_of(
    mutated(st.sampled_from(['{"n": 2, "items": [1, {"a": null}]}', "[]", '"text"', "[" * 2_000])).map(
        lambda text: text.encode("utf-8", "surrogatepass")
    ),
    st.binary(max_size=200),
    st.none(),
)
EXAMPLES = st.tuples(
    st.sampled_from(["events", "foreign"]),
    st.booleans(),
    st.lists(st.tuples(st.sampled_from(_NAMES), st.one_of(_BYTES, st.binary(max_size=20))), max_size=6),
    _VALUES,
    st.sampled_from([AT, -1, 0, 2**62]),
)
DECLARED = (InvalidCloudEvent,)
_STARTS: codec.Codec[StartExecution] = codec.Codec(StartExecution)


def _matchers() -> Matchers:
    found = Matchers()
    state = FlowState(namespace="shop", flow_id="orders", revision=1, source=SOURCE, at=AT, created_at=AT)
    triggers = event_triggers(state)
    assert len(triggers) == 4
    found.replace("shop", "orders", triggers)
    return found


MATCHERS = _matchers()


def check(example: tuple[str, bool, list[tuple[str, bytes]], bytes | None, int]) -> None:
    topic, is_cloud, headers, value, at = example
    known = binary_headers("id", "order.created", "/shop", "2026-01-01T00:00:00Z", "o") if is_cloud else []
    event = read_event(Fetched(topic, 0, 0, at, b"k", value, [*known, *headers]))
    for trigger in MATCHERS.matching(topic, event):
        try:
            start = start_of(trigger, event, AT, 1)
        except WhenFailed:
            continue
        if start is not None:
            assert _STARTS.decode(codec.encode(start)).execution_id == start.execution_id
