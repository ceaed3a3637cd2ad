"""One flow with what it must do, as a document of a YAML file in ``flows/``: saved, executed and acted on through the API.

A case has these keys:

=========  ==========================================================================================
name       the id of the flow
flow       the flow without id and namespace
needs      more flows, by id, which the case needs
inputs     texts by name
breakpoints  tasks before which the execution stops, as the parameter of a start has them
more       further executions, started right after it: the same keys for each, from ``inputs`` on
steps      what a caller does: ``await: STATE``, ``await_runs: {RUN: STATE}``, ``await_history: [STATES]``, ``await_free`` (nothing
           of the flow is RUNNING), ``post: ACTION``
           with ``form``, ``files`` (their content by input), ``json``, ``query`` and ``status``
state      of the execution at the end
runs       the state of each task run, as ``task`` or ``task[value]``; no other runs exist
count      the number of task runs, where ``runs`` is not given
attempts   the states of the attempts of named tasks
outputs    of the flow
values     outputs of the last run of each named task; other names in them are not compared
logs       messages that are in the log
absent     messages that are not in the log
history    the states of the execution, in order
labels     labels that it has at the end
started    by flow in ``needs``: what its Flow trigger starts because of the execution; the keys from ``state`` on, ``trigger``
           (variables) and ``number`` of executions (1)
=========  ==========================================================================================
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.support.api import API, Api, outputs, states
from tests.support.system import within

FOLDER = Path(__file__).parent / "flows"
NAMESPACE = "conformance"
_SECONDS = 40
_KEYS = frozenset(
    [
        "name",
        "flow",
        "needs",
        "inputs",
        "breakpoints",
        "more",
        "labels_given",
        "steps",
        "state",
        "runs",
        "count",
        "outputs",
        "values",
        "logs",
        "absent",
        "history",
        "labels",
        "attempts",
        "started",
    ]
)


@dataclass(frozen=True)
class Case:
    kind: str
    name: str
    flow: dict[str, Any]
    written: dict[str, Any] = field(default_factory=dict)

    def sources(self) -> list[str]:
        flows = {self.name: self.flow, **self.written.get("needs", {})}
        return [
            yaml.safe_dump({"id": name, "namespace": NAMESPACE, **flow}, sort_keys=False)
            for name, flow in flows.items()
        ]


def cases(kind: str) -> list[Case]:
    """The cases of one file. Raise AssertionError for an unknown key, because a misspelt expectation would prove nothing."""
    found = []
    for each in yaml.safe_load_all((FOLDER / f"{kind}.yaml").read_text()):
        assert each.keys() <= _KEYS, f"{kind}/{each['name']}: unknown {sorted(each.keys() - _KEYS)}"
        assert {"state", "runs", "count"} & each.keys(), f"{kind}/{each['name']}: nothing is expected"
        found.append(Case(kind, f"{kind}_{each['name']}", each["flow"], each))
    return found


def kinds() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


async def failures_of(api: Api, case: Case) -> list[str]:
    """Run the case, and return what is not as it should be."""
    started = [
        await _started(api, case, written) for written in (case.written, *case.written.get("more", ()))
    ]
    found = await asyncio.gather(*(_failures(api, case, *each) for each in started))
    return [failure for failures in found for failure in failures]


async def _started(api: Api, case: Case, written: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    inputs = {name: str(value) for name, value in written.get("inputs", {}).items()}
    stops = written.get("breakpoints", "")
    return str((await api.execute(NAMESPACE, case.name, inputs, breakpoints=stops))["id"]), written


async def _failures(api: Api, case: Case, execution_id: str, written: dict[str, Any]) -> list[str]:
    for step in written.get("steps", ()):
        execution_id = await _do(api, execution_id, step)
    page = await _at_end(api, execution_id, written.get("state", "SUCCESS"))
    found = [f"{case.name}: {each}" async for each in _differences(api, page, written)]
    for flow_id, expected in written.get("started", {}).items():
        found += [
            f"{case.name}: {flow_id} {each}"
            async for each in _by_trigger(api, flow_id, execution_id, expected)
        ]
    return found


async def _by_trigger(api: Api, flow_id: str, execution_id: str, expected: dict[str, Any]) -> Any:
    """Compare what a Flow trigger started because of an execution."""
    number = expected.get("number", 1)

    async def there() -> list[str]:
        found = await api.client.get(
            f"{API}/executions/search", params={"namespace": NAMESPACE, "flowId": flow_id, "size": "100"}
        )
        pages = [await api.get(each["id"]) for each in found.json()["results"]]
        of_it = [page["id"] for page in pages if page["trigger"]["variables"]["executionId"] == execution_id]
        return of_it if len(of_it) >= number else []

    ids = await within(_SECONDS, there)
    if len(ids) != number:
        yield f"has {len(ids)} executions"
    for each in ids:
        page = await _at_end(api, each, expected.get("state", "SUCCESS"))
        async for difference in _differences(api, page, expected):
            yield difference
        variables = page["trigger"]["variables"]
        shown = {name: variables.get(name) for name in expected.get("trigger", {})}
        if shown != expected.get("trigger", {}):
            yield f"has the trigger {variables}, not {expected['trigger']}"


async def _do(api: Api, execution_id: str, step: dict[str, Any]) -> str:
    """Return the execution that the next step is about: a replay is another one."""
    if "await" in step:

        async def there() -> bool:
            return bool((await api.get(execution_id))["state"]["current"] == step["await"])

        await within(_SECONDS, there)
        return execution_id
    if "await_free" in step:
        page = await api.get(execution_id)

        async def free() -> bool:
            found = await api.client.get(
                f"{API}/executions/search",
                params={"namespace": NAMESPACE, "flowId": page["flowId"], "state": "RUNNING"},
            )
            return bool(found.json()["total"] == 0)

        await within(_SECONDS, free)
        return execution_id
    if "await_history" in step:

        async def passed() -> bool:
            histories = (await api.get(execution_id))["state"]["histories"]
            return bool([each["state"] for each in histories] == step["await_history"])

        await within(_SECONDS, passed)
        return execution_id
    if "await_runs" in step:

        async def reached() -> bool:
            return bool(states(await api.get(execution_id)).items() >= step["await_runs"].items())

        await within(_SECONDS, reached)
        return execution_id
    form: dict[str, Any] = {name: (None, str(value)) for name, value in step.get("form", {}).items()}
    form |= {name: (f"{name}.txt", str(content)) for name, content in step.get("files", {}).items()}
    body = step.get("json")
    if isinstance(body, dict) and "taskRunId" in body:
        runs = (await api.get(execution_id))["taskRunList"]
        body = body | {"taskRunId": next(run["id"] for run in runs if run["taskId"] == body["taskRunId"])}
    query = dict(step.get("query", {}))
    if "taskRunId" in query:
        runs = (await api.get(execution_id))["taskRunList"]
        query["taskRunId"] = next(run["id"] for run in runs if run["taskId"] == query["taskRunId"])
    method = "DELETE" if step["post"] == "kill" else "POST"
    answer = await api.client.request(
        method,
        f"{API}/executions/{execution_id}/actions/{step['post']}",
        params=query,
        files=form or None,
        json=body,
    )
    assert answer.status_code == step.get("status", 200), f"{step}: {answer.status_code} {answer.text}"
    return (
        str(answer.json()["id"]) if step["post"].startswith("replay") and answer.is_success else execution_id
    )


async def _at_end(api: Api, execution_id: str, state: str) -> dict[str, Any]:
    """The page of the execution when it, and everything after its end, is over. Its last page if that does not come."""
    last: dict[str, Any] = {}

    async def over() -> bool:
        nonlocal last
        last = await api.get(execution_id)
        open_runs = {"CREATED", "SUBMITTED", "RUNNING", "RETRYING", "KILLING"} & set(states(last).values())
        return last["state"]["current"] == state and (state == "PAUSED" or not open_runs)

    try:
        await within(_SECONDS, over)
    except BaseException as failure:
        if type(failure).__name__ != "Failed":
            raise
    return last


async def _differences(api: Api, page: dict[str, Any], written: dict[str, Any]) -> Any:
    if page["state"]["current"] != written.get("state", "SUCCESS"):
        yield f"is {page['state']['current']} with {states(page)}, not {written.get('state', 'SUCCESS')}"
        return
    if "runs" in written and states(page) != written["runs"]:
        yield f"has the runs {states(page)}, not {written['runs']}"
    count = len(page.get("taskRunList", []))
    if count != written.get("count", len(written.get("runs", {})) if "runs" in written else count):
        yield f"has {count} task runs"
    if "outputs" in written and page.get("outputs", {}) != written["outputs"]:
        yield f"has the outputs {page.get('outputs')}, not {written['outputs']}"
    for task, expected in written.get("values", {}).items():
        found = outputs(page, task)
        shown = {name: found.get(name) for name in expected}
        if shown != expected:
            yield f"outputs of {task} are {found}, not {expected}"
    attempts = {
        run["taskId"]: [each["state"]["current"] for each in run.get("attempts", [])]
        for run in page.get("taskRunList", [])
    }
    for task, expected in written.get("attempts", {}).items():
        if attempts.get(task) != expected:
            yield f"attempts of {task} are {attempts.get(task)}, not {expected}"
    history = [each["state"] for each in page["state"]["histories"]]
    if history != written.get("history", history):
        yield f"has the history {history}, not {written['history']}"
    labels = {each["key"]: each["value"] for each in page["labels"]}
    if not labels.items() >= written.get("labels", {}).items():
        yield f"has the labels {labels}, not {written['labels']}"
    if written.get("logs"):
        await api.lines_with(page["id"], *written["logs"])
    if written.get("absent"):
        messages = {message for _, message in await api.lines(page["id"])}
        if messages & set(written["absent"]):
            yield f"logs {sorted(messages & set(written['absent']))}"
