from __future__ import annotations

import pytest

from contracts.codec import Codec, UnknownType, UnreadableMessage
from contracts.execution import ExecutionEvent, StartExecution
from contracts.topics import TOPICS


def test_a_type_of_a_newer_version_is_told_from_a_broken_record() -> None:
    codec: Codec[ExecutionEvent] = Codec(TOPICS["executions.events"].messages)

    with pytest.raises(UnknownType, match="frozen"):
        codec.decode(b'{"type":"execution.frozen.v1","execution_id":"e"}')
    for broken in (b'{"type":"execution.started.v1"}', b'{"a":1}', b"[]", b"{"):
        with pytest.raises(UnreadableMessage) as raised:
            codec.decode(broken)
        assert not isinstance(raised.value, UnknownType)


def test_a_codec_of_one_class_knows_its_type() -> None:
    with pytest.raises(UnknownType):
        Codec(StartExecution).decode(b'{"type":"execution.start.v9"}')
