"""Jira: issues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from toccata.plugin import NotJson, Secret, TaskFailed, dynamic, read_json
from toccata.plugins.families.rest.api import (
    Call,
    Optioned,
    Service,
    Session,
    at,
    basic,
    bearer,
    declared,
    known,
    one,
    secret,
)

_BOT = "kestra-bot"
"""The label that Kestra gives to issues which it opens."""


class Issue(Optioned):
    base_url: str = dynamic(doc="address of Jira")
    username: str | None = dynamic(None, doc="who signs in")
    password: Secret | None = dynamic(None, doc="their password, or a token of the interface")
    access_token: Secret | None = dynamic(None, doc="a token of OAuth, in place of both")
    payload: str | None = dynamic(
        None, doc="the request as JSON text, in place of all properties that describe it"
    )
    project_key: str | None = dynamic(None, doc="the project")
    summary: str | None = dynamic(None, doc="the title")
    description: str | None = dynamic(None, doc="the text")
    labels: list[str] | None = dynamic(None, doc="labels, beside `kestra-bot`")
    issue_type_id: str | None = dynamic(None, doc="id of the kind of issue; default: Story")


class Create(Issue):
    """Opens an issue."""

    project_key: str = dynamic(doc="the project")


class Comment(Issue):
    """Comments on an issue."""

    issue_id_or_key: str = dynamic(doc="the issue")
    body: str = dynamic(doc="the text")


class Update(Issue):
    """Changes fields of an issue."""

    issue_id_or_key: str = dynamic(doc="the issue")
    fields: dict[str, Any] = dynamic(doc="names and new values")


async def _sign_in(task: Issue, session: Session) -> Mapping[str, str]:
    del session
    password, token = secret(task.password), secret(task.access_token)
    if task.username is not None and password is not None:
        return basic(task.username, password)
    if token is None:
        raise TaskFailed("`username` with `password`, or `accessToken` is needed")
    return bearer(token)


def _address(task: Issue) -> str:
    return task.base_url if "://" in task.base_url else f"https://{task.base_url}"


_SERVICE = Service(prefix="jira.issues", address=_address, sign_in=_sign_in)


def _body(task: Issue, described: Mapping[str, Any]) -> Any:
    if not task.payload or not task.payload.strip():
        return described
    try:
        return read_json(task.payload)
    except NotJson as error:
        raise TaskFailed(f"payload: this is no JSON: {error}") from None


def _create(task: Create) -> Call:
    kind = {"id": task.issue_type_id} if task.issue_type_id else {"name": "Story"}
    fields = {
        "project": {"key": task.project_key},
        "summary": task.summary,
        "description": task.description,
        "issuetype": kind,
        "labels": [_BOT, *(task.labels or ())],
    }
    return Call("POST", "/rest/api/2/issue", body=_body(task, {"fields": known(fields)}))


def _comment(task: Comment) -> Call:
    path = at("/rest/api/2/issue/{}/comment", task.issue_id_or_key)
    return Call("POST", path, body=_body(task, {"body": task.body}))


def _update(task: Update) -> Call:
    path = at("/rest/api/2/issue/{}", task.issue_id_or_key)
    return Call("PUT", path, body=_body(task, {"fields": task.fields}))


_HEAD = (
    "baseUrl: https://acme.atlassian.net\nusername: reports@example.com\npassword: \"{{ secret('JIRA') }}\"\n"
)
CREATE = declared(
    _SERVICE,
    "Create",
    "Open an issue of Jira",
    Create,
    one(_create),
    None,
    f"{_HEAD}projectKey: LOAD\nsummary: The load failed\ndescription: See the log.\nlabels: [bug]\n",
)
CREATE_COMMENT = declared(
    _SERVICE,
    "CreateComment",
    "Comment on an issue of Jira",
    Comment,
    one(_comment),
    None,
    f"{_HEAD}issueIdOrKey: LOAD-53\nbody: It works again.\n",
)
UPDATE_FIELDS = declared(
    _SERVICE,
    "UpdateFields",
    "Change an issue of Jira",
    Update,
    one(_update),
    None,
    f"{_HEAD}issueIdOrKey: LOAD-53\nfields:\n  description: It works again.\n",
)
