"""GitLab: issues and merge requests."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from pydantic import BaseModel

from toccata.plugin import Outputs, Secret, dynamic
from toccata.plugins.families.rest.api import Answer, Call, Optioned, Service, by_token, declared, known, one


class Project(Optioned):
    url: str = dynamic("https://gitlab.com", doc="address of GitLab")
    token: Secret = dynamic(doc="a token of a person, a project or a group")
    project_id: str = dynamic(doc="number or path of the project: `acme/reports`")
    api_path: str = dynamic("/api/v4/projects", doc="where the interface has projects")


class Create(Project):
    """Opens an issue."""

    title: str = dynamic(doc="its title")
    issue_description: str | None = dynamic(None, doc="its text, in Markdown")
    labels: list[str] | None = dynamic(None, doc="its labels")


class IssueOutputs(BaseModel):
    issueId: str  # noqa: N815 - the name of the output
    """The issue's id in all of GitLab."""
    issueIid: int | None  # noqa: N815
    """Its number in the project."""
    webUrl: str  # noqa: N815
    """Its page."""
    statusCode: int  # noqa: N815
    """Of the answer."""


class Search(Project):
    """Finds issues of a project. GitLab gives the first twenty."""

    search: str | None = dynamic(None, doc="words of title or text")
    state: str = dynamic("opened", doc="`opened`, `closed` or `all`")
    labels: list[str] | None = dynamic(None, doc="labels that they must all have")


class SearchOutputs(BaseModel):
    issues: list[dict[str, Any]]
    """As GitLab describes them."""
    count: int
    """How many were found."""
    statusCode: int  # noqa: N815 - the name of the output
    """Of the answer."""


class MergeRequest(Project):
    """Opens a merge request."""

    title: str = dynamic(doc="its title")
    source_branch: str = dynamic(doc="the branch that is merged")
    target_branch: str = dynamic(doc="the branch that it is merged into")
    merge_request_description: str | None = dynamic(None, doc="its text, in Markdown")


class MergeOutputs(BaseModel):
    mergeReqID: str  # noqa: N815 - the name of the output
    """The merge request's id in all of GitLab."""
    webUrl: str  # noqa: N815
    """Its page."""
    statusCode: int  # noqa: N815
    """Of the answer."""


_SERVICE = Service(
    prefix="gitlab", address=lambda task: task.url, sign_in=by_token("token", "PRIVATE-TOKEN", "")
)


def _path(task: Project, resource: str) -> str:
    """A path of a project may be encoded already, as Kestra wants it."""
    return f"{task.api_path.rstrip('/')}/{quote(task.project_id, safe='%')}/{resource}"


def _create(task: Create) -> Call:
    body = {"title": task.title, "description": task.issue_description, "labels": task.labels}
    return Call("POST", _path(task, "issues"), body=known(body))


def _created(_task: Create, answer: Answer) -> Outputs:
    return {
        "issueId": str(answer["id"]),
        "issueIid": answer.body.get("iid"),
        "webUrl": answer["web_url"],
        "statusCode": answer.status,
    }


def _search(task: Search) -> Call:
    labels = ",".join(task.labels) if task.labels else None
    params = {"search": task.search, "state": task.state, "labels": labels}
    return Call("GET", _path(task, "issues"), params)


def _merge(task: MergeRequest) -> Call:
    body = {
        "title": task.title,
        "source_branch": task.source_branch,
        "target_branch": task.target_branch,
        "description": task.merge_request_description,
    }
    return Call("POST", _path(task, "merge_requests"), body=known(body))


_HEAD = "url: https://gitlab.example.com\ntoken: \"{{ secret('GITLAB') }}\"\nprojectId: acme/reports\n"
ISSUE_CREATE = declared(
    _SERVICE,
    "issues.Create",
    "Open an issue of GitLab",
    Create,
    one(_create, _created),
    IssueOutputs,
    f"{_HEAD}title: The load failed\nissueDescription: See the log.\nlabels: [bug, load]\n",
)
ISSUE_SEARCH = declared(
    _SERVICE,
    "issues.Search",
    "Find issues of GitLab",
    Search,
    one(
        _search,
        lambda _task, answer: {
            "issues": answer.body or [],
            "count": len(answer.body or []),
            "statusCode": answer.status,
        },
    ),
    SearchOutputs,
    f"{_HEAD}search: load\nlabels: [bug, load]\n",
)
MERGE_REQUEST = declared(
    _SERVICE,
    "mergerequests.Create",
    "Open a merge request of GitLab",
    MergeRequest,
    one(
        _merge,
        lambda _task, answer: {
            "mergeReqID": str(answer["id"]),
            "webUrl": answer["web_url"],
            "statusCode": answer.status,
        },
    ),
    MergeOutputs,
    f"{_HEAD}title: Load faster\nsourceBranch: faster\ntargetBranch: main\nmergeRequestDescription: Twice as fast.\n",
    ("gitlab.MergeRequest",),
)
