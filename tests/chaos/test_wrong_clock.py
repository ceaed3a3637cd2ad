"""Single services whose clocks are wrong from their first moment."""

from __future__ import annotations

import httpx
import pytest

from tests.chaos.haste import HOUR, library, wrong_by
from tests.support.api import signed_in
from tests.support.system import System, within

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(library() is None, reason="needs libfaketime"),
]

START_SECONDS = 90.0
_FLOW = """\
id: dated
namespace: tests.wrong_clock
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: now
"""


@pytest.mark.parametrize("hours", [-48, 48])
async def test_what_a_web_with_a_wrong_clock_starts_first_is_run(own_system: System, hours: int) -> None:
    async with signed_in(own_system) as api:
        await api.save(_FLOW)
    web = own_system.replicas["web"]
    own_system.kill("web")
    await web.wait()
    web.extra = wrong_by(hours * HOUR)
    await own_system.start("web", wait=False)

    async with signed_in(own_system) as api:
        ended = await within(
            START_SECONDS,
            lambda: api.execute("tests.wrong_clock", "dated", wait=True),
            httpx.TransportError,
        )

    assert ended["state"]["current"] == "SUCCESS", ended
