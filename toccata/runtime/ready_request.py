"""A request to a broker in the one version that we use. aiokafka asks each request to choose among the broker's versions."""

from __future__ import annotations

from aiokafka.protocol.api import RequestStruct


class ReadyRequest:
    def __init__(self, request: RequestStruct) -> None:
        self._request = request

    def prepare(self, _versions: object) -> RequestStruct:
        return self._request
