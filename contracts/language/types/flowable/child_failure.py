"""What a flowable that runs tasks side by side does to the others when one of them has failed for good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator

from contracts.language.types.behaviour import Group, N, Next, Opening, Rendering
from contracts.language.types.flowable.limit import Limit, most, rendered
from contracts.language.types.property import Properties, dynamic, static
from contracts.states import State

_BECOMES: Mapping[str, State] = {"FAIL": State.FAILED, "CANCEL": State.CANCELLED}
_OTHER_NAMES: Mapping[str, str] = {"FAILED": "FAIL", "CANCELLED": "CANCEL"}
"""As the first versions of the property had them."""
WORDS = frozenset({"CONTINUE", *_BECOMES, *_OTHER_NAMES})


def read(written: object) -> object:
    """Return the word in capitals. One that nobody knows is CONTINUE, as in Kestra; validation warns of it."""
    if not isinstance(written, str):
        return written
    word = written.upper()
    return _OTHER_NAMES.get(word, word) if word in WORDS else "CONTINUE"


class SideBySide(Properties):
    concurrent: Limit = dynamic(0, doc="most tasks at once; 0 = all")
    on_child_failure: Annotated[Literal["CONTINUE", "CANCEL", "FAIL"], BeforeValidator(read)] = static(
        "FAIL",
        doc="after a failure, what still runs is stopped and FAILED, or CANCELLED (CANCEL), or awaited (CONTINUE)",
    )
    fail_fast: bool | None = static(
        None, doc="instead of `onChildFailure`: true stops what still runs as KILLED, false awaits it"
    )


def opening(compiled: SideBySide, rendering: Rendering) -> Opening:
    return Opening(limit=rendered(compiled.concurrent, rendering))


def on_failure(compiled: SideBySide) -> State | None:
    """The state of what still runs after a failure. None: it goes on."""
    if compiled.fail_fast is not None:
        return State.KILLED if compiled.fail_fast else None
    return _BECOMES.get(compiled.on_child_failure)


def together(compiled: SideBySide, group: Group, main: tuple[N, ...]) -> Next[N] | None:
    """Return the next of the tasks that begin with the flowable: those that wait for no other, as many as run at once."""
    there = {node.id for node in main}
    first = [node for node in main if not there.intersection(node.depends_on)]
    limit = most(compiled.concurrent, group)
    waiting = (node for node in (first[:limit] if limit else first) if node.id not in group.runs)
    return next((Next(node) for node in waiting), None)
