"""Earlier revisions of a flow are deleted over the API. What runs one keeps it, and a new replica of web does not know them either."""

from __future__ import annotations

import pytest

from tests.support.api import API, signed_in

pytestmark = [pytest.mark.processes, pytest.mark.servers]

NAMESPACE = "e2e.revisions"


def source(number: int) -> str:
    return f"""\
id: changing
namespace: {NAMESPACE}
tasks:
  - {{id: wait, type: io.kestra.plugin.core.flow.Pause}}
  - {{id: say, type: io.kestra.plugin.core.debug.Return, format: "{number}"}}
"""


async def test_earlier_revisions_go_and_the_latest_and_those_in_use_stay(system):
    page = f"{API}/flows/{NAMESPACE}/changing"
    async with signed_in(system) as api:
        for number in (1, 2, 3, 4):
            await api.save(source(number))
        started = await api.client.post(f"{API}/executions/{NAMESPACE}/changing?revision=2")
        running = started.json()
        await api.reached(running["id"], "PAUSED")

        in_use = await api.client.delete(f"{page}/revisions?revisions=1,2")
        latest = await api.client.delete(f"{page}/revisions?revisions=4")
        nothing = await api.client.delete(f"{page}/revisions")
        unknown = await api.client.delete(f"{API}/flows/{NAMESPACE}/other/revisions?revisions=1")
        gone = await api.client.delete(f"{page}/revisions?revisions=1&revisions=3")

        assert [answer.status_code for answer in (in_use, latest, nothing, unknown, gone)] == [
            409,
            422,
            400,
            404,
            204,
        ]
        assert running["id"] in in_use.json()["message"]
        assert "revision 4 cannot be deleted" in latest.json()["message"]
        left = (await api.client.get(f"{page}/revisions")).json()
        assert [each["revision"] for each in left] == [2, 4]
        assert (await api.client.get(f"{page}?revision=3")).status_code == 404
        assert (await api.client.get(page)).json()["revision"] == 4
        resumed = await api.client.post(f"{API}/executions/{running['id']}/resume")
        assert resumed.status_code < 300, resumed.text
        assert (await api.ended(running["id"]))["state"]["current"] == "SUCCESS"
