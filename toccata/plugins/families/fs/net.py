"""``fs.tcp.Send`` and ``fs.udp.Send``"""

from __future__ import annotations

from pydantic import BaseModel

from toccata.plugin import Duration, Properties, TaskType, dynamic
from toccata.plugins.families.fs.actions import PREFIX

_RUN = "toccata.plugins.families.fs.run.net"
_EXAMPLE = 'host: metrics.example.com\nport: "2003"\npayload: "load.rows {{ inputs.rows }}"'


class Send(Properties):
    host: str = dynamic(doc="name or address of the machine")
    port: int = dynamic(doc="its port", ge=1, le=65_535)
    payload: str = dynamic(doc="the text")
    encoding: str = dynamic("UTF-8", doc="how it becomes bytes; `BASE64` and `HEX` for bytes written so")


class TcpSend(Send):
    """Sends a text over a connection of TCP, and closes it."""

    timeout: Duration | None = dynamic(None, doc="limit of time; default: 10 s")


class UdpSend(Send):
    """Sends a text as one datagram of UDP. Nobody knows whether it arrives."""


class SendOutputs(BaseModel):
    host: str
    port: int
    sentBytes: int  # noqa: N815 - the name in flows


TCP_SEND = TaskType(
    name=f"{PREFIX}.tcp.Send",
    title="Send a text over TCP",
    properties=TcpSend,
    run=f"{_RUN}:tcp",
    outputs=SendOutputs,
    examples=(f"id: send\ntype: {PREFIX}.tcp.Send\n{_EXAMPLE}",),
)
UDP_SEND = TaskType(
    name=f"{PREFIX}.udp.Send",
    title="Send a text over UDP",
    properties=UdpSend,
    run=f"{_RUN}:udp",
    outputs=SendOutputs,
    examples=(f"id: send\ntype: {PREFIX}.udp.Send\n{_EXAMPLE}",),
)
