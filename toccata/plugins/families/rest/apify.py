"""Apify: runs of actors and tasks, and the datasets that they fill."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from time import monotonic
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator

from toccata.plugin import Duration, Outputs, Secret, TaskFailed, TaskType, dynamic, static, stored
from toccata.plugins.families.rest.api import (
    Call,
    Do,
    Optioned,
    Service,
    Session,
    at,
    by_token,
    declared,
    one,
)

_FIRST_WAIT = 2.0
_SIZES = tuple(f"MB_{2**power}" for power in range(7, 16))


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _memory(value: object) -> object:
    if value is not None and value not in _SIZES and not (isinstance(value, str) and "{" in value):
        raise ValueError(f"one of {', '.join(_SIZES)} is needed")
    return value


class Apify(Optioned):
    api_token: Secret = dynamic(doc="the token")
    endpoint: str = static("https://api.apify.com/v2", doc="address of the service")


class Started(Apify):
    input: dict[str, Any] | None = dynamic(None, doc="what it gets; default: its own input")
    request_timeout: float | None = dynamic(None, doc="seconds after which Apify ends the run")
    memory: Annotated[str, BeforeValidator(_memory)] | None = dynamic(
        None, doc="its memory, from `MB_128` to `MB_32768`"
    )
    max_items: int | None = dynamic(None, doc="results that are paid for at most")
    max_total_charge_usd: float | None = dynamic(None, doc="what it may cost at most, in dollars")
    build: str | None = dynamic(None, doc="its build; default: as configured")
    wait_for_finish: int | None = dynamic(None, doc="seconds to wait for its end", ge=0, le=60)
    webhooks: Secret | None = dynamic(None, doc="webhooks of the run, as JSON in base64")


class RunActor(Started):
    """Starts an actor. The run is an output, whatever its status is; `waitForFinish` waits up to a minute."""

    actor_id: str = dynamic(doc="the actor: its id, or `owner~name`")


class RunTask(Started):
    """Starts a task, an actor with an input of its own. The run is an output, whatever its status is; `waitForFinish` waits up to a minute."""

    task_id: str = dynamic(doc="the task: its id, or `owner~name`")


class LastRun(Apify):
    """Gives the last run of an actor."""

    actor_id: str = dynamic(doc="the actor: its id, or `owner~name`")


class RunOutputs(BaseModel):
    """In Apify's words."""

    id: str
    actId: str | None  # noqa: N815 - the name of the output
    actorTaskId: str | None  # noqa: N815
    userId: str | None  # noqa: N815
    startedAt: str | None  # noqa: N815
    finishedAt: str | None  # noqa: N815
    status: str
    statusMessage: str | None  # noqa: N815
    meta: dict[str, Any] | None
    stats: dict[str, Any] | None
    options: dict[str, Any] | None
    buildId: str | None  # noqa: N815
    buildNumber: str | None  # noqa: N815
    exitCode: float | None  # noqa: N815
    defaultKeyValueStoreId: str | None  # noqa: N815
    defaultDatasetId: str | None  # noqa: N815
    defaultRequestQueueId: str | None  # noqa: N815
    containerUrl: str | None  # noqa: N815
    isContainerServerReady: bool | None  # noqa: N815
    gitBranchName: str | None  # noqa: N815
    usage: dict[str, Any] | None
    usageTotalUsd: float | None  # noqa: N815
    usageUsd: dict[str, Any] | None  # noqa: N815
    pricingInfo: dict[str, Any] | None  # noqa: N815
    chargedEventCounts: dict[str, float] | None  # noqa: N815
    generalAccess: str | None  # noqa: N815


class Items(Apify):
    """Gives the items of a dataset. While it is empty, the task asks again: its run may still be filling it."""

    dataset_id: str = dynamic(doc="the dataset")
    clean: bool = dynamic(default=True, doc="leave out empty items and hidden fields")
    offset: int = dynamic(0, doc="items that are left out at the beginning", ge=0)
    limit: int = dynamic(1000, doc="how many at most", ge=1)
    fields: list[str] | None = dynamic(None, doc="only these fields")
    omit: list[str] | None = dynamic(None, doc="all fields but these")
    unwind: list[str] | None = dynamic(None, doc="fields whose elements become items of their own")
    flatten: bool | None = dynamic(None, ignored="Apify flattens only fields that are named")
    sort: Annotated[Literal["ASC", "DESC"], BeforeValidator(_upper)] = dynamic("ASC", doc="their order")
    skip_empty: bool = dynamic(default=True, doc="leave out empty items")
    skip_failed_pages: bool = dynamic(default=False, doc="leave out items with an error")
    view: str | None = dynamic(None, doc="a view of the dataset")
    skip_hidden: bool = dynamic(default=False, doc="leave out fields that begin with `#`")
    simplified: bool = dynamic(default=False, doc="as older actors gave them")
    patience: Duration = static(
        timedelta(seconds=300), doc="how long the dataset may stay empty", alias="DEFAULT_TIMEOUT_DURATION"
    )
    longest_wait: Duration = static(
        timedelta(seconds=32), doc="longest time between two questions", alias="DEFAULT_MAX_INTERVAL_DURATION"
    )


class ItemsOutputs(BaseModel):
    dataset: list[Any]
    """The items."""


class Save(Items):
    """Puts the items of a dataset into a file. While it is empty, the task asks again: its run may still be filling it."""

    format: Annotated[Literal["JSON", "JSONL", "XML", "CSV", "XLSX", "RSS"], BeforeValidator(_upper)] = (
        dynamic("JSON", doc="the form of the file")
    )
    delimiter: str = dynamic(",", doc="what stands between values, with CSV")
    bom: bool | None = dynamic(None, doc="whether the file begins with a byte order mark")
    xml_root: str = dynamic("items", doc="the outermost element, with XML")
    xml_row: str = dynamic("item", doc="the element of an item, with XML")
    skip_header_row: bool = dynamic(default=False, doc="no line with names, with CSV")


class SaveOutputs(BaseModel):
    path: str
    """The file."""


_SERVICE = Service(
    prefix="apify",
    address=lambda task: task.endpoint,
    sign_in=by_token("api_token"),
    headers={"x-apify-integration-platform": "kestra"},
)


def _start(path: Callable[[Any], str]) -> Do:
    def call(task: Any) -> Call:
        params = {
            "timeout": int(task.request_timeout) if task.request_timeout is not None else None,
            "memory": int(task.memory.removeprefix("MB_")) if task.memory else None,
            "maxItems": task.max_items,
            "maxTotalChargeUsd": task.max_total_charge_usd,
            "build": task.build,
            "waitForFinish": task.wait_for_finish,
            "webhooks": task.webhooks.get_secret_value() if task.webhooks else None,
        }
        return Call("POST", path(task), params, task.input or None)

    return one(call, lambda _task, answer: _run(answer["data"]))


def _run(data: Any) -> Outputs:
    return {name: data.get(name) for name in RunOutputs.model_fields}


def _params(task: Items) -> dict[str, Any]:
    lists = {"fields": task.fields, "omit": task.omit, "unwind": task.unwind}
    flags = {
        "clean": task.clean,
        "desc": task.sort == "DESC",
        "skipEmpty": task.skip_empty,
        "skipFailedPages": task.skip_failed_pages,
        "skipHidden": task.skip_hidden,
        "simplified": task.simplified,
    }
    return {
        "offset": task.offset,
        "limit": task.limit,
        **{name: ",".join(value) for name, value in lists.items() if value},
        **{name: 1 for name, value in flags.items() if value},
        "view": task.view,
    }


async def _filled(task: Items, session: Session, ask: Callable[[], Awaitable[Any]]) -> Any:
    """The first answer that is not empty. Raise TaskFailed if there is none in time."""
    began, wait = monotonic(), _FIRST_WAIT
    while True:
        found = await ask()
        if found:
            return found
        wait = min(wait, task.longest_wait.total_seconds())
        if monotonic() - began + wait > task.patience.total_seconds():
            raise TaskFailed(f"dataset `{task.dataset_id}` is still empty")
        session.run.log("DEBUG", f"The dataset is empty, asking again in {wait:g} s")
        await asyncio.sleep(wait)
        wait *= 2


async def _items(task: Items, session: Session) -> Outputs:
    call = Call("GET", at("/datasets/{}/items", task.dataset_id), {**_params(task), "format": "json"})

    async def ask() -> Any:
        return (await session.call(call)).body

    return {"dataset": await _filled(task, session, ask)}


async def _save(task: Save, session: Session) -> Outputs:
    form = task.format.lower()
    more: dict[str, dict[str, Any]] = {
        "csv": {"delimiter": task.delimiter, **({"skipHeaderRow": 1} if task.skip_header_row else {})},
        "xml": {"xmlRoot": task.xml_root, "xmlRow": task.xml_row},
    }
    params = {**_params(task), **more.get(form, {}), "format": form}
    if task.bom is not None:
        params["bom"] = int(task.bom)
    count = Call("GET", at("/datasets/{}", task.dataset_id))

    async def ask() -> Any:
        return (await session.call(count))["data"].get("itemCount")

    await _filled(task, session, ask)
    call = Call("GET", at("/datasets/{}/items", task.dataset_id), params, headers={"Accept": "*/*"})
    async with session.answer(call) as answer:
        return {"path": await stored(session.run, answer.chunks(), f".{form}")}


_HEAD = "endpoint: https://api.apify.com/v2\napiToken: \"{{ secret('APIFY') }}\"\n"


def _type(  # noqa: PLR0913 - what types differ in
    name: str, title: str, properties: type[Apify], do: Do, outputs: type[BaseModel], example: str
) -> TaskType:
    return declared(_SERVICE, name, title, properties, do, outputs, _HEAD + example)


RUN_ACTOR = _type(
    "actor.Run",
    "Start an actor of Apify",
    RunActor,
    _start(lambda task: at("/acts/{}/runs", task.actor_id)),
    RunOutputs,
    "actorId: apify~web-scraper\nmaxItems: 10\nmemory: MB_512\nwaitForFinish: 60\ninput:\n  url: https://example.com\n",
)
RUN_TASK = _type(
    "task.Run",
    "Start a task of Apify",
    RunTask,
    _start(lambda task: at("/actor-tasks/{}/runs", task.task_id)),
    RunOutputs,
    "taskId: acme~prices\n",
)
LAST_RUN = _type(
    "dataset.GetLastRun",
    "Get the last run of an actor of Apify",
    LastRun,
    one(
        lambda task: Call("GET", at("/acts/{}/runs/last", task.actor_id)),
        lambda _task, answer: _run(answer["data"]),
    ),
    RunOutputs,
    "actorId: apify~web-scraper\n",
)
GET = _type(
    "dataset.Get",
    "Get the items of a dataset of Apify",
    Items,
    _items,
    ItemsOutputs,
    "datasetId: mecGriFjtDHRNtYOZ\nfields: [url, price]\nsort: DESC\n",
)
SAVE = _type(
    "dataset.Save",
    "Keep the items of a dataset of Apify",
    Save,
    _save,
    SaveOutputs,
    "datasetId: mecGriFjtDHRNtYOZ\nformat: CSV\n",
)
