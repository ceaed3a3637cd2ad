"""The course's flows that ask a model, on the whole system, with a server of this machine in place of the provider."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.api import outputs, signed_in
from tests.support.http_server import Give, Got, http_server
from tests.support.system import System, within
from tests.unit.toccata.plugins.families.ai.models import Models

pytestmark = [pytest.mark.processes, pytest.mark.servers]

COURSE = Path(__file__).parents[1] / "conformance" / "data" / "course"
KEY = "planted-key-4711"


def source(name: str, url: str) -> str:
    """The flow, asking this server."""
    text = (COURSE / f"{name}.yaml").read_text()
    text = re.sub(r"^( +)(modelName: .*)$", rf"\1\2\n\1baseUrl: {url}", text, flags=re.MULTILINE)
    return text.replace("https://tides.example", url)


@pytest.mark.parametrize(("name", "asking"), [("10_chat", "ask"), ("11_chat_with_sources", "ask")])
async def test_the_flow_runs_and_its_key_stays_unseen(system: System, name: str, asking: str) -> None:
    models = Models("The moon pulls.")

    def answer(got: Got) -> Give:
        return Give(body="The order of tides: the moon pulls.") if got.path == "/handbook.md" else models(got)

    async with http_server(answer) as server, signed_in(system) as api:
        stored = await api.client.put("/api/v1/main/namespaces/tests.course/kv/MODEL_KEY", content=f'"{KEY}"')
        assert stored.status_code == 200, stored.text
        await api.save(source(name, server.url))
        page = await api.execute("tests.course", name, wait=True)
        assert page["state"]["current"] == "SUCCESS", page
        assert outputs(page, asking)["textOutput"] == "The moon pulls."

        async def said() -> list[tuple[str, str]]:
            found = await api.lines(page["id"])
            return found if any("The moon pulls." in message for _, message in found) else []

        lines = await within(15, said)
    assert KEY not in str(lines)
    assert KEY not in str(page)
    assert all(got.headers.get("x-goog-api-key") == KEY for got in server.got if got.path != "/handbook.md")
    if name == "11_chat_with_sources":
        assert "The order of tides" in str(models.asked[-1])
