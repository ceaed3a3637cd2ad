"""Inputs of executions that are started over the API on a running system: our own cases in ``data/inputs``."""

from __future__ import annotations

import asyncio
import re
import uuid
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
import yaml

from tests.support.api import API, Api, outputs, signed_in
from tests.support.system import System

pytestmark = [pytest.mark.processes, pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(300)]

NAMESPACE = "conformance.inputs"
CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "data/inputs/values.yaml").read_text())
KEYS = {"about", "inputs", "given", "files", "more", "shows", "refused", "stored"}
DEEP = "[" * 130 + "]" * 130


def test_every_case_has_a_name_of_its_own_and_expects_something() -> None:
    assert len({case["about"] for case in CASES}) == len(CASES)
    for case in CASES:
        assert set(case) <= KEYS
        assert ("shows" in case) != ("refused" in case)


async def test_inputs_are_taken_or_refused(system: System) -> None:
    async with signed_in(system) as api:
        first = await problem_of(api, CASES[0])
        problems = [first, *await asyncio.gather(*(problem_of(api, case) for case in CASES[1:]))]
    assert [
        f"{case['about']}: {problem}" for case, problem in zip(CASES, problems, strict=True) if problem
    ] == []


async def problem_of(api: Api, case: dict[str, Any]) -> str:
    """Return what is wrong. Empty if the case holds."""
    flow = f"inputs_{uuid.uuid4().hex[:10]}"
    await api.save(
        f"id: {flow}\nnamespace: {NAMESPACE}\ninputs:\n{indent(case['inputs'], '  ')}\n{case.get('more', '')}\n"
        "tasks:\n  - {id: show, type: io.kestra.plugin.core.debug.Return, format: '{{ inputs }}'}\n"
    )
    parts: list[tuple[str, Any]] = [
        (name, (None, text.replace("DEEP", DEEP))) for name, text in case.get("given", {}).items()
    ]
    parts += [(name, tuple(file)) for name, file in case.get("files", {}).items()]
    answer = await api.client.post(
        f"{API}/executions/{NAMESPACE}/{flow}", params={"wait": "true"}, files=parts or None
    )
    if "refused" in case:
        wanted = f"Invalid entity: {case['refused']}".replace("FLOW", flow)
        said = answer.json().get("message", "")
        pattern = re.escape(wanted).replace(r"/executions/\*/", "/executions/[^/]+/")
        return (
            ""
            if answer.status_code == 422 and re.fullmatch(pattern, said)
            else f"{answer.status_code} {said}"
        )
    if answer.status_code != 200:
        return f"{answer.status_code} {answer.text}"
    page = answer.json()
    shown = outputs(page, "show").get("value")
    wanted = case["shows"].replace("FLOW", flow).replace("EXECUTION", page["id"])
    if shown != wanted:
        return f"{shown} instead of {wanted}"
    for name, content in case.get("stored", {}).items():
        file = await api.client.get(
            f"{API}/executions/{page['id']}/file", params={"path": page["inputs"][name]}
        )
        if file.text != content:
            return f"the file of {name} is {file.text!r}"
    return ""


async def test_inputs_are_checked_without_a_start(system: System) -> None:
    flow = f"inputs_{uuid.uuid4().hex[:10]}"
    async with signed_in(system) as api:
        await api.save(
            f"id: {flow}\nnamespace: {NAMESPACE}\ninputs:\n"
            "  - {id: a, type: STRING}\n"
            "  - {id: doc, type: FILE}\n"
            "  - {id: x, type: INT, dependsOn: {inputs: [a], condition: '{{ nothing.at }}'}}\n"
            "checks: [{condition: 'false', message: never, style: WARNING}]\n"
            "tasks:\n  - {id: t, type: io.kestra.plugin.core.debug.Return, format: x}\n"
        )
        answer = await api.client.post(
            f"{API}/executions/{NAMESPACE}/{flow}/validate", files={"doc": ("a.csv", b"1")}
        )
        missing, doc, disabled = answer.json()["inputs"]
        assert missing["errors"] == [{"message": "Missing required input:a", "renderError": False}]
        assert doc["value"].startswith("kestra:///conformance/inputs/")
        assert doc["errors"] == []
        assert disabled["enabled"] is False
        assert [each["renderError"] for each in disabled["errors"]] == [True]
        assert answer.json()["checks"] == [
            {"message": "never", "style": "WARNING", "behavior": "BLOCK_EXECUTION"}
        ]
