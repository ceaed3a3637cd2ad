"""The port that shows a service's health."""

from __future__ import annotations

import socket

import pytest

from toccata.runtime.errors import Fatal
from toccata.runtime.health import Health, HealthServer
from toccata.runtime.metrics import MetricsPage


async def test_a_port_that_another_program_has_is_named_with_the_setting_that_chooses_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = HealthServer("127.0.0.1", port, Health({}, {}), MetricsPage("worker"))
        with pytest.raises(Fatal, match=rf"port {port} of 127.0.0.1: .* TOCCATA_HEALTH_PORT"):
            await server.start()
        await server.stop()
