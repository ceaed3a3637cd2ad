"""Attacks that never worked: SQL in every search, templates in values. Both stay text."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.support.api import API, signed_in
from tests.support.system import System

pytestmark = [pytest.mark.processes, pytest.mark.servers]
PLANTED = (
    "'; DROP TABLE executions; --",
    "x' OR '1'='1",
    "%' UNION SELECT usename, passwd FROM pg_shadow --",
    "\\",
    "$1",
    "a\x00b",
    "{{ 7 * 191 }}",
)
SEARCHES = (
    "executions/search?q={}",
    "executions/search?namespace={}",
    "executions/search?flowId={}",
    "executions/search?labels=a:{}",
    "executions/search?state={}",
    "executions/search?sort={}:desc",
    "executions/search?triggerExecutionId={}",
    "executions/search?filters[namespace][EQUALS]={}",
    "executions/search?filters[query][EQUALS]={}",
    "executions/search?filters[labels][EQUALS][a]={}",
    "executions/search?filters[{}][EQUALS]=x",
    "executions/search?filters[flowId][STARTS_WITH]={}",
    "executions/search?filters[namespace][REGEX]={}",
    "executions/search?filters[flowId][CONTAINS]={}",
    "executions/search?filters[flowId][ENDS_WITH]={}",
    "executions/search?filters[flowId][NOT_EQUALS]={}",
    "executions/search?filters[namespace][PREFIX]={}",
    "executions/search?startDate={}",
    "executions/search?size={}",
    "flows/search?q={}",
    "flows/search?namespace={}",
    "flows/search?sort={}",
    "flows/source?q={}",
    "flows/{}/x",
    "logs/search?q={}",
    "logs/search?minLevel={}",
    "metrics/{}",
    "triggers/search?q={}",
    "triggers/search?namespace={}",
)
FLOW = """\
id: repeats
namespace: held
inputs:
  - {id: text, type: STRING}
tasks:
  - {id: say, type: io.kestra.plugin.core.log.Log, message: "said: {{ inputs.text }}"}
"""


@pytest.mark.parametrize("search", SEARCHES)
async def test_sql_in_a_search_is_text(system: System, search: str) -> None:
    async with system.client() as client:
        path, _, query = f"{API}/{search}".partition("?")
        for text in PLANTED:
            name, _, value = query.partition("=")
            params = {name.replace("{}", text): value.replace("{}", text)} if query else {}
            answer = await client.get(path.replace("{}", quote(text, safe="")), params=params)
            assert answer.status_code < 500, (text, answer.text)
            assert "SCRAM-SHA-256$" not in answer.text
        still = await client.get(f"{API}/executions/search")
        assert still.status_code == 200


async def test_a_template_in_an_input_is_never_rendered(system: System) -> None:
    async with signed_in(system) as api:
        await api.save(FLOW)
        page = await api.execute("held", "repeats", {"text": "{{ 7 * 191 }}{{ secret('X') }}"}, wait=True)
        assert page["state"]["current"] == "SUCCESS"
        await api.lines_with(page["id"], "said: {{ 7 * 191 }}{{ secret('X') }}")
