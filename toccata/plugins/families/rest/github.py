"""GitHub: issues, pull requests and workflows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from toccata.plugin import Outputs, Secret, TaskFailed, dynamic
from toccata.plugins.families.rest.api import (
    Answer,
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


class Repository(Optioned):
    login: str | None = dynamic(None, doc="whose `oauthToken` it is")
    oauth_token: Secret | None = dynamic(None, doc="a token of a person")
    jwt_token: Secret | None = dynamic(None, doc="a token of an application")
    app_installation_token: Secret | None = dynamic(None, doc="a token of an application's installation")
    endpoint: str | None = dynamic(None, doc="address of the interface; default: https://api.github.com")
    repository: str = dynamic(doc="the repository: `owner/name`")


class Create(Repository):
    """Opens an issue."""

    title: str = dynamic(doc="its title")
    body: str | None = dynamic(None, doc="its text, in Markdown")
    labels: list[str] | None = dynamic(None, doc="its labels")
    assignees: list[str] | None = dynamic(None, doc="who should do it")


class CreateOutputs(BaseModel):
    issueUrl: str  # noqa: N815 - the name of the output
    """Its page."""
    issueNumber: int  # noqa: N815
    """Its number in the repository."""


class Comment(Repository):
    """Comments on an issue, or on a pull request."""

    issue_number: int = dynamic(doc="number of the issue")
    body: str = dynamic(doc="the text, in Markdown")


class CommentOutputs(BaseModel):
    issueUrl: str  # noqa: N815 - the name of the output
    """The issue's page."""
    commentUrl: str  # noqa: N815
    """The comment on it."""


class Pull(Repository):
    """Opens a pull request."""

    source_branch: str = dynamic(doc="the branch with the changes; `owner:branch` of a fork")
    target_branch: str = dynamic(doc="the branch that they go to")
    title: str = dynamic(doc="its title")
    body: str | None = dynamic(None, doc="its text, in Markdown")
    maintainer_can_modify: bool = dynamic(default=False, doc="whether maintainers may change it")
    draft: bool = dynamic(default=False, doc="it is only a draft")
    reviewers: list[str] | None = dynamic(None, doc="who is asked to review it")


class PullOutputs(BaseModel):
    issueUrl: str  # noqa: N815 - the name of the output
    """Its address as an issue, in the interface."""
    pullRequestUrl: str  # noqa: N815
    """Its page."""


class Workflow(Repository):
    """Starts a workflow. GitHub does not say which run that gives."""

    workflow_id: str = dynamic(doc="id or file name of the workflow")
    ref: str = dynamic(doc="branch or tag")
    inputs: dict[str, Any] | None = dynamic(None, doc="inputs of the workflow")


async def _sign_in(task: Repository, session: Session) -> Mapping[str, str]:
    """Without any token, as somebody unknown."""
    del session
    oauth = secret(task.oauth_token)
    if task.login is not None and oauth is not None:
        return basic(task.login, oauth)
    token = oauth or secret(task.jwt_token) or secret(task.app_installation_token)
    return bearer(token) if token else {}


_SERVICE = Service(
    prefix="github",
    address=lambda task: task.endpoint or "https://api.github.com",
    sign_in=_sign_in,
    headers={"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"},
)


def _path(task: Repository, rest: str) -> str:
    owner, slash, name = task.repository.partition("/")
    if not slash or "/" in name or not owner or not name:
        raise TaskFailed(f"repository: `{task.repository}` is not `owner/name`")
    return at("/repos/{}/{}", owner, name) + rest


def _create(task: Create) -> Call:
    body = {"title": task.title, "body": task.body, "labels": task.labels, "assignees": task.assignees}
    return Call("POST", _path(task, "/issues"), body=known(body))


def _comment(task: Comment) -> Call:
    return Call("POST", _path(task, at("/issues/{}/comments", task.issue_number)), body={"body": task.body})


def _commented(_task: Comment, answer: Answer) -> Outputs:
    url = str(answer["html_url"])
    return {"issueUrl": url.partition("#")[0], "commentUrl": url}


async def _pull(task: Pull, session: Session) -> Outputs:
    body = {
        "title": task.title,
        "head": task.source_branch,
        "base": task.target_branch,
        "body": task.body,
        "maintainer_can_modify": task.maintainer_can_modify,
        "draft": task.draft,
    }
    answer = await session.call(Call("POST", _path(task, "/pulls"), body=known(body)))
    if task.reviewers:
        path = _path(task, at("/pulls/{}/requested_reviewers", answer["number"]))
        await session.call(Call("POST", path, body={"reviewers": task.reviewers}))
    return {"issueUrl": answer["issue_url"], "pullRequestUrl": answer["html_url"]}


def _workflow(task: Workflow) -> Call:
    path = _path(task, at("/actions/workflows/{}/dispatches", task.workflow_id))
    return Call("POST", path, body=known({"ref": task.ref, "inputs": task.inputs}))


_HEAD = "endpoint: https://api.github.com\noauthToken: \"{{ secret('GITHUB') }}\"\nrepository: acme/reports\n"
ISSUE_CREATE = declared(
    _SERVICE,
    "issues.Create",
    "Open an issue of GitHub",
    Create,
    one(_create, lambda _task, answer: {"issueUrl": answer["html_url"], "issueNumber": answer["number"]}),
    CreateOutputs,
    f"{_HEAD}title: The load failed\nbody: See the log.\nlabels: [bug]\nassignees: [ada]\n",
)
ISSUE_COMMENT = declared(
    _SERVICE,
    "issues.Comment",
    "Comment on an issue of GitHub",
    Comment,
    one(_comment, _commented),
    CommentOutputs,
    f"{_HEAD}issueNumber: 1347\nbody: It works again.\n",
)
PULL_CREATE = declared(
    _SERVICE,
    "pulls.Create",
    "Open a pull request of GitHub",
    Pull,
    _pull,
    PullOutputs,
    f"{_HEAD}title: Load faster\nsourceBranch: faster\ntargetBranch: main\nreviewers: [ada]\n",
)
RUN_WORKFLOW = declared(
    _SERVICE,
    "actions.RunWorkflow",
    "Start a workflow of GitHub",
    Workflow,
    one(_workflow),
    None,
    f"{_HEAD}workflowId: deploy.yml\nref: main\ninputs:\n  environment: test\n",
)
