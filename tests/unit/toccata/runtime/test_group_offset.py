"""A consumer group's offsets on a broker that has just started."""

import pytest

from toccata.runtime import group_offset
from toccata.runtime.errors import Transient
from toccata.runtime.group_offset import GroupOffsets
from toccata.runtime.settings import KafkaSettings


class JustStarted:
    """The client's view of a broker that answers, and names no broker."""

    def __init__(self, **_options: object) -> None:
        self.closed = False

    async def bootstrap(self) -> None:
        return

    def get_random_node(self) -> None:
        return None

    async def coordinator_lookup(self, *_: object) -> int:
        raise AssertionError("Did we not perform bootstrap?")

    async def close(self) -> None:
        self.closed = True


@pytest.mark.anyio
async def test_a_broker_that_names_no_broker_yet_is_asked_again_and_does_not_end_the_executor(monkeypatch):
    monkeypatch.setattr(group_offset, "AIOKafkaClient", JustStarted)
    group = GroupOffsets(KafkaSettings(bootstrap_servers="k:1"), "test", "group")
    with pytest.raises(Transient, match="does not name any broker yet"):
        await group.commit({("events", 0): 1})
