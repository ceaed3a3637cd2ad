"""Calls for many flows at once."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from services.web.core.problem import Problem
from services.web.http.answer import on_error
from services.web.http.flow_bulk import router
from services.web.http.selection import MOST

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("address", ["export/by-ids", "enable/by-ids", "disable/by-ids"])
async def test_more_ids_than_a_call_may_name_are_refused_before_the_first_is_looked_up(address):
    """Each was a query of its own: one body of some megabytes was a million of them."""
    app = FastAPI()
    app.include_router(router)
    app.add_exception_handler(Problem, on_error)
    app.state.parts = None
    flows = [{"namespace": "n", "id": f"f{number}"} for number in range(MOST + 1)]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://web") as asking:
        refused = await asking.post(f"/api/v1/main/flows/{address}", json=flows)
    assert refused.status_code == 400
    assert f"at most {MOST} flows at once" in refused.text
