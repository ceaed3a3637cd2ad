"""Todoist: tasks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from pydantic import BaseModel

from toccata.plugin import FetchType, Outputs, Secret, dynamic, static
from toccata.plugins.families.rest.api import (
    Answer,
    Call,
    Optioned,
    Service,
    Session,
    at,
    by_token,
    declared,
    known,
    one,
    rows,
)

_PAGE = 200


class Todoist(Optioned):
    api_token: Secret = dynamic(doc="the token")
    endpoint: str = static("https://api.todoist.com/api/v1", doc="address of the service")


class OfTask(Todoist):
    task_id: str = dynamic(doc="the task")


class Complete(OfTask):
    """Closes a task."""


class Delete(OfTask):
    """Removes a task."""


class Get(OfTask):
    """Gives a task."""


class GetOutputs(BaseModel):
    task: dict[str, Any]
    """As Todoist describes it."""


class Create(Todoist):
    """Adds a task."""

    content: str = dynamic(doc="what is to be done")
    task_description: str | None = dynamic(None, doc="more about it")
    priority: int | None = dynamic(None, doc="from 1, normal, to 4, urgent", ge=1, le=4)
    project_id: str | None = dynamic(None, doc="the project; default: the inbox")
    due_string: str | None = dynamic(None, doc="when: `tomorrow`, `every monday`")


class Update(OfTask):
    """Changes a task."""

    content: str | None = dynamic(None, doc="what is to be done")
    task_description: str | None = dynamic(None, doc="more about it")
    priority: int | None = dynamic(None, doc="from 1, normal, to 4, urgent", ge=1, le=4)
    due_string: str | None = dynamic(None, doc="when: `tomorrow`, `every monday`")


class IdOutputs(BaseModel):
    taskId: str  # noqa: N815 - the name of the output
    """The task."""


class Tasks(Todoist):
    """Gives the tasks that are open."""

    project_id: str | None = dynamic(None, doc="only those of this project")
    filter: str | None = dynamic(None, doc="only those that fit, in Todoist's words: `today & p1`")
    limit: int | None = dynamic(None, doc="how many at most", ge=1)
    fetch_type: FetchType = dynamic("FETCH", doc="where they go: outputs, a file, or nowhere")


class ListOutputs(BaseModel):
    rows: list[dict[str, Any]] | None
    """The tasks, with FETCH."""
    row: dict[str, Any] | None
    """The first one, with FETCH_ONE."""
    uri: str | None
    """A file with a task a line, with STORE."""
    size: int | None
    """How many there are."""


_SERVICE = Service(prefix="todoist", address=lambda task: task.endpoint, sign_in=by_token("api_token"))


def _content(task: Create | Update) -> dict[str, Any]:
    return known(
        {
            "content": task.content,
            "description": task.task_description,
            "priority": task.priority,
            "due_string": task.due_string,
        }
    )


def _create(task: Create) -> Call:
    return Call("POST", "/tasks", body=known({**_content(task), "project_id": task.project_id}))


def _identity(_task: Todoist, answer: Answer) -> Outputs:
    return {"taskId": str(answer["id"])}


async def _pages(task: Tasks, session: Session) -> AsyncIterator[Sequence[Any]]:
    """Page by page: one has at most 200 tasks."""
    path = "/tasks/filter" if task.filter else "/tasks"
    left, cursor = task.limit, None
    while True:
        params = {
            "query": task.filter,
            "project_id": None if task.filter else task.project_id,
            "limit": _PAGE if left is None else min(left, _PAGE),
            "cursor": cursor,
        }
        answer = await session.call(Call("GET", path, params))
        found = answer["results"][:left]
        yield found
        cursor = answer.body.get("next_cursor")
        left = None if left is None else left - len(found)
        if not cursor or left == 0:
            return


_HEAD = "endpoint: https://api.todoist.com/api/v1\napiToken: \"{{ secret('TODOIST') }}\"\n"
_TASK = 'taskId: "2995104339"\n'
CREATE = declared(
    _SERVICE,
    "CreateTask",
    "Add a task to Todoist",
    Create,
    one(_create, _identity),
    IdOutputs,
    f"{_HEAD}content: Look at the load\ntaskDescription: It failed twice.\npriority: 4\ndueString: tomorrow\n",
)
UPDATE = declared(
    _SERVICE,
    "UpdateTask",
    "Change a task of Todoist",
    Update,
    one(lambda task: Call("POST", at("/tasks/{}", task.task_id), body=_content(task)), _identity),
    IdOutputs,
    f"{_HEAD}{_TASK}priority: 1\n",
)
GET = declared(
    _SERVICE,
    "GetTask",
    "Get a task of Todoist",
    Get,
    one(lambda task: Call("GET", at("/tasks/{}", task.task_id)), lambda _task, answer: {"task": answer.body}),
    GetOutputs,
    _HEAD + _TASK,
)
LIST = declared(
    _SERVICE,
    "ListTasks",
    "List tasks of Todoist",
    Tasks,
    rows(_pages),
    ListOutputs,
    f"{_HEAD}filter: today & p1\n",
)
COMPLETE = declared(
    _SERVICE,
    "CompleteTask",
    "Close a task of Todoist",
    Complete,
    one(lambda task: Call("POST", at("/tasks/{}/close", task.task_id))),
    None,
    _HEAD + _TASK,
)
DELETE = declared(
    _SERVICE,
    "DeleteTask",
    "Remove a task of Todoist",
    Delete,
    one(lambda task: Call("DELETE", at("/tasks/{}", task.task_id))),
    None,
    _HEAD + _TASK,
)
