"""Rows of services with tickets, cards and records."""

from __future__ import annotations

from tests.unit.toccata.plugins.families.rest.table import BEARER, Asked, Row, basic, ok
from toccata.plugins.families.rest import airtable, github, gitlab, jira, servicenow, todoist, trello, zendesk

_NOW, _GITLAB, _JIRA = (
    "https://acme.service-now.com",
    "https://gitlab.example.com",
    "https://acme.atlassian.net",
)
_NOW_IN, _GITLAB_IN, _JIRA_IN = basic("reports"), {"private-token": "s3cret"}, basic("reports@example.com")
_GITHUB, _TODOIST, _TRELLO = (
    "https://api.github.com",
    "https://api.todoist.com/api/v1",
    "https://api.trello.com",
)
_GITHUB_IN = {**BEARER, "accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"}
_TRELLO_IN = {"authorization": 'OAuth oauth_consumer_key="s3cret", oauth_token="s3cret"'}
_AIRTABLE, _CARD, _LIST = (
    "https://api.airtable.com/v0",
    "5abbe4b7ddc1b351ef961414",
    "5abbe4b7ddc1b351ef961415",
)
_INCIDENT = "/api/now/table/incident"
_SYS = "a7ec77cbdefac300d322d182689619dc"
_ISSUES = "/api/v4/projects/acme%2Freports/issues"
_PAGE = {"html_url": "https://github.com/acme/reports/issues/7#issuecomment-1"}
_ONE = {"id": "recOne", "createdTime": "2026-01-01T00:00:00Z", "fields": {"Customer": "Ada", "Amount": 3}}
_TWO = {"id": "recTwo", "createdTime": "2026-01-01T00:00:00Z", "fields": {"Customer": "Ben", "Amount": 4}}
_FORMULA = "filterByFormula=%7BCustomer%7D+%3D+%27Ada%27&fields%5B%5D=Customer&fields%5B%5D=Amount"

ROWS = [
    Row(servicenow.GET, _NOW,
        [Asked("GET", f"{_INCIDENT}?sysparm_query=active%3Dtrue%5Epriority%3D1&sysparm_limit=10&sysparm_fields=number%2Cshort_description",
               None, _NOW_IN)],
        [ok({"result": [{"number": "INC1"}, {"number": "INC2"}]})],
        {"results": [{"number": "INC1"}, {"number": "INC2"}], "size": 2}),
    Row(servicenow.POST, _NOW, [Asked("POST", _INCIDENT, {"short_description": "The load failed"}, _NOW_IN)],
        [ok({"result": {"sys_id": "1"}}, 201)], {"result": {"sys_id": "1"}}),
    Row(servicenow.UPDATE, _NOW, [Asked("PUT", f"{_INCIDENT}/{_SYS}", {"state": 6}, _NOW_IN)],
        [ok({"result": {"state": "6"}})], {"result": {"state": "6"}}),
    Row(servicenow.DELETE, _NOW, [Asked("DELETE", f"{_INCIDENT}/{_SYS}", None, _NOW_IN)], [ok(b"", 204)], {"deleted": True}),
    Row(gitlab.ISSUE_CREATE, _GITLAB,
        [Asked("POST", _ISSUES, {"title": "The load failed", "description": "See the log.", "labels": ["bug", "load"]}, _GITLAB_IN)],
        [ok({"id": 9, "iid": 3, "web_url": "https://gitlab.example.com/9"}, 201)],
        {"issueId": "9", "issueIid": 3, "webUrl": "https://gitlab.example.com/9", "statusCode": 201}),
    Row(gitlab.ISSUE_SEARCH, _GITLAB, [Asked("GET", f"{_ISSUES}?search=load&state=opened&labels=bug%2Cload", None, _GITLAB_IN)],
        [ok([{"id": 9}])], {"issues": [{"id": 9}], "count": 1, "statusCode": 200}),
    Row(gitlab.MERGE_REQUEST, _GITLAB,
        [Asked("POST", "/api/v4/projects/acme%2Freports/merge_requests",
               {"title": "Load faster", "source_branch": "faster", "target_branch": "main", "description": "Twice as fast."}, _GITLAB_IN)],
        [ok({"id": 4, "web_url": "https://gitlab.example.com/4"}, 201)],
        {"mergeReqID": "4", "webUrl": "https://gitlab.example.com/4", "statusCode": 201}),
    Row(github.ISSUE_CREATE, _GITHUB,
        [Asked("POST", "/repos/acme/reports/issues",
               {"title": "The load failed", "body": "See the log.", "labels": ["bug"], "assignees": ["ada"]}, _GITHUB_IN)],
        [ok({"html_url": "https://github.com/acme/reports/issues/7", "number": 7}, 201)],
        {"issueUrl": "https://github.com/acme/reports/issues/7", "issueNumber": 7}),
    Row(github.ISSUE_COMMENT, _GITHUB,
        [Asked("POST", "/repos/acme/reports/issues/1347/comments", {"body": "It works again."}, _GITHUB_IN)],
        [ok(_PAGE, 201)], {"issueUrl": "https://github.com/acme/reports/issues/7", "commentUrl": _PAGE["html_url"]}),
    Row(github.PULL_CREATE, _GITHUB,
        [Asked("POST", "/repos/acme/reports/pulls",
               {"title": "Load faster", "head": "faster", "base": "main", "maintainer_can_modify": False, "draft": False}, _GITHUB_IN),
         Asked("POST", "/repos/acme/reports/pulls/8/requested_reviewers", {"reviewers": ["ada"]}, _GITHUB_IN)],
        [ok({"number": 8, "html_url": "https://github.com/8", "issue_url": "https://api.github.com/8"}, 201), ok({}, 201)],
        {"pullRequestUrl": "https://github.com/8", "issueUrl": "https://api.github.com/8"}),
    Row(github.RUN_WORKFLOW, _GITHUB,
        [Asked("POST", "/repos/acme/reports/actions/workflows/deploy.yml/dispatches", {"ref": "main", "inputs": {"environment": "test"}},
               _GITHUB_IN)],
        [ok(b"", 204)], {}),
    Row(jira.CREATE, _JIRA,
        [Asked("POST", "/rest/api/2/issue",
               {"fields": {"project": {"key": "LOAD"}, "summary": "The load failed", "description": "See the log.",
                           "issuetype": {"name": "Story"}, "labels": ["kestra-bot", "bug"]}}, _JIRA_IN)],
        [ok({"key": "LOAD-1"}, 201)], {}),
    Row(jira.CREATE_COMMENT, _JIRA, [Asked("POST", "/rest/api/2/issue/LOAD-53/comment", {"body": "It works again."}, _JIRA_IN)],
        [ok({"id": "1"}, 201)], {}),
    Row(jira.UPDATE_FIELDS, _JIRA,
        [Asked("PUT", "/rest/api/2/issue/LOAD-53", {"fields": {"description": "It works again."}}, _JIRA_IN)], [ok(b"", 204)], {}),
    Row(zendesk.CREATE, "https://acme.zendesk.com",
        [Asked("POST", "/api/v2/tickets.json",
               {"ticket": {"subject": "The load failed", "description": "See the log.", "priority": "high", "type": "incident",
                           "tags": ["load"]}}, basic("reports@example.com/token"))],
        [ok({"ticket": {"id": 35, "url": "https://acme.zendesk.com/api/v2/tickets/35.json"}}, 201)],
        {"id": 35, "url": "https://acme.zendesk.com/api/v2/tickets/35.json"}),
    Row(todoist.CREATE, _TODOIST,
        [Asked("POST", "/tasks",
               {"content": "Look at the load", "description": "It failed twice.", "priority": 4, "due_string": "tomorrow"}, BEARER)],
        [ok({"id": "1"})], {"taskId": "1"}),
    Row(todoist.UPDATE, _TODOIST, [Asked("POST", "/tasks/2995104339", {"priority": 1}, BEARER)], [ok({"id": "2995104339"})],
        {"taskId": "2995104339"}),
    Row(todoist.GET, _TODOIST, [Asked("GET", "/tasks/2995104339", None, BEARER)], [ok({"content": "x"})], {"task": {"content": "x"}}),
    Row(todoist.LIST, _TODOIST,
        [Asked("GET", "/tasks/filter?query=today+%26+p1&limit=3", None, BEARER),
         Asked("GET", "/tasks/filter?query=today+%26+p1&limit=1&cursor=c", None, BEARER)],
        [ok({"results": [{"id": "1"}, {"id": "2"}], "next_cursor": "c"}), ok({"results": [{"id": "3"}], "next_cursor": "d"})],
        {"rows": [{"id": "1"}, {"id": "2"}, {"id": "3"}], "size": 3}, {"limit": 3}),
    Row(todoist.COMPLETE, _TODOIST, [Asked("POST", "/tasks/2995104339/close", None, BEARER)], [ok(b"", 204)], {}),
    Row(todoist.DELETE, _TODOIST, [Asked("DELETE", "/tasks/2995104339", None, BEARER)], [ok(b"", 204)], {}),
    Row(trello.CREATE, _TRELLO, [Asked("POST", "/1/cards", {"name": "Look at the load", "idList": _LIST, "pos": "top"}, _TRELLO_IN)],
        [ok({"id": "c1"})], {"cardId": "c1"}),
    Row(trello.UPDATE, _TRELLO, [Asked("PUT", f"/1/cards/{_CARD}", {"closed": True}, _TRELLO_IN)], [ok({"id": _CARD})], {}),
    Row(trello.MOVE, _TRELLO, [Asked("PUT", f"/1/cards/{_CARD}", {"idList": _LIST}, _TRELLO_IN)], [ok({"id": _CARD})], {}),
    Row(trello.COMMENT, _TRELLO, [Asked("POST", f"/1/cards/{_CARD}/actions/comments", {"text": "It works again."}, _TRELLO_IN)],
        [ok({"id": "a1"})], {"commentId": "a1"}),
    Row(airtable.CREATE, _AIRTABLE,
        [Asked("POST", "/appOrders/Orders",
               {"records": [{"fields": _ONE["fields"]}, {"fields": _TWO["fields"]}], "typecast": True}, BEARER)],
        [ok({"records": [_ONE, _TWO]})], {"record": _ONE, "records": [_ONE, _TWO], "recordIds": ["recOne", "recTwo"]}),
    Row(airtable.DELETE, _AIRTABLE, [Asked("DELETE", "/appOrders/Orders/recOne", None, BEARER)], [ok({"deleted": True})], {}),
    Row(airtable.GET, _AIRTABLE, [Asked("GET", "/appOrders/Orders/recOne", None, BEARER)], [ok(_ONE)],
        {"record": {**_ONE, "fields": {"Customer": "Ada"}}}),
    Row(airtable.LIST, _AIRTABLE,
        [Asked("GET", f"/appOrders/Orders?{_FORMULA}", None, BEARER), Asked("GET", f"/appOrders/Orders?{_FORMULA}&offset=o1", None, BEARER)],
        [ok({"records": [_ONE], "offset": "o1"}), ok({"records": [_TWO]})], {"rows": [_ONE, _TWO], "size": 2}),
    Row(airtable.UPDATE, _AIRTABLE, [Asked("PATCH", "/appOrders/Orders/recOne", {"fields": {"Amount": 5}}, BEARER)], [ok(_ONE)],
        {"record": _ONE, "recordId": "recOne"}),
]  # fmt: skip
