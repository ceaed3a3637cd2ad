"""Flows with one defect each (``data/bad_flows``): each gets one error that names the place. None harms a service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.language.flow.validate import validate
from tests.support.api import API, signed_in
from tests.support.system import System
from toccata.plugins.host.catalog import PluginCatalog

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "data/bad_flows/defects.yaml").read_text()
)


@pytest.fixture(scope="module")
def catalog() -> PluginCatalog:
    return PluginCatalog.ours()


def test_there_are_many_and_each_has_a_name_of_its_own() -> None:
    assert len({case["about"] for case in CASES}) == len(CASES) >= 150


@pytest.mark.parametrize("case", CASES, ids=[case["about"] for case in CASES])
def test_the_one_defect_is_named_with_its_place(case: dict[str, Any], catalog: PluginCatalog) -> None:
    (error,) = validate(case["flow"], catalog).errors
    assert (error.path, error.line) == (case["path"], case["line"])
    assert case["says"] in error.told


@pytest.mark.processes
@pytest.mark.servers
@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_a_running_system_refuses_them_all_and_goes_on(system: System) -> None:
    async with signed_in(system) as api:
        for case in CASES:
            content = {"content": case["flow"], "headers": {"Content-Type": "application/x-yaml"}}
            checked = await api.client.post(f"{API}/flows/validate", **content)
            assert checked.status_code == 200, case["about"]
            if case["flow"].strip():
                (line,) = checked.json()
                assert case["says"].split("`")[0].strip() in line["constraints"], case["about"]
            refused = await api.client.post(f"{API}/flows", **content)
            assert refused.status_code == 422, case["about"]
        good = "id: good_after_bad\nnamespace: conformance\ntasks:\n  - {id: a, type: io.kestra.plugin.core.debug.Return, format: ok}\n"
        await api.save(good)
        page = await api.execute("conformance", "good_after_bad", wait=True)
        assert page["state"]["current"] == "SUCCESS"
