"""What the indexer and web make of events: any records in any order and any batches. Nothing raises.
That rows do not depend on batches holds for what the executor says; ``tests/property/test_project.py`` has it."""

from __future__ import annotations

from typing import cast

from hypothesis import strategies as st

from contracts.access import AccessRecord
from contracts.codec import Codec, UnreadableMessage
from contracts.execution import AnyExecutionEvent, ExecutionCreated, ExecutionEvent
from services.indexer.batch import INPUTS, Decoder
from services.indexer.core.change import Seen
from services.web.core.access.state import AccessState
from services.web.core.live import Live, begin
from services.web.core.view.execution import Lens, execution_page
from services.web.http.answer import dumps
from tests.fuzz.related import AT, SAMPLES, related
from tests.unit.indexer.stories import Table
from toccata.runtime.fetch import Fetched

NAMES = [name for name in SAMPLES if name.split(" ")[0] in {*INPUTS, "access.state"}]
EVENTS = [name for name in NAMES if name.startswith("executions.events ")]
EXAMPLES = st.tuples(
    st.lists(st.one_of(related(NAMES), related(EVENTS)), min_size=5, max_size=50), st.integers(1, 40)
)
DECLARED: tuple[type[Exception], ...] = ()
_ACCESS: Codec[AccessRecord] = Codec(AccessRecord)


def check(example: tuple[list[tuple[str, str]], int]) -> None:
    records, cut = example
    fetched = [
        Fetched(topic, 0, offset, AT, b"k", text.encode("utf-8", "surrogatepass"), [])
        for offset, (topic, text) in enumerate(records)
    ]
    events = [each for each in fetched if each.topic != "access.state"]
    batch = [item.seen for item in Decoder().decode(events) if item.seen is not None]
    for batches in ([batch], [batch[:cut], batch[cut:]]):
        table = Table()
        for each in batches:
            assert all(table.apply(each).flows.values())
        assert table.dump()
    _follow(batch)
    _sign_in([each for each in fetched if each.topic == "access.state"])


def _follow(batch: list[Seen]) -> None:
    """As web shows it live."""
    known: dict[str, Live] = {}
    for seen in batch:
        event = seen.message
        if isinstance(event, ExecutionCreated):
            known.setdefault(event.execution_id, begin(event))
        elif isinstance(event, ExecutionEvent) and event.execution_id in known:
            live = known[event.execution_id]
            if event.seq <= live.seq + 1:
                live.apply(cast("AnyExecutionEvent", event))
    for live in known.values():
        for legacy in (False, True):
            assert dumps(execution_page(live, Lens(AT, legacy, "http://x")))


def _sign_in(records: list[Fetched]) -> None:
    state = AccessState()
    for record in records:
        try:
            state.apply("k", _ACCESS.decode(record.value))
        except UnreadableMessage:
            continue
