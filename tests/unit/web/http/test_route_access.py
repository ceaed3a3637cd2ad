"""Every route of the application against the rules of access. The routes come from the application itself."""

from __future__ import annotations

import pytest

from services.web.core.auth import Asked, Caller, judge
from services.web.core.door import SAFE
from tests.integration.test_security_routes import OPEN, ROUTES, address

READ_BY_POST = {
    "/api/v1/main/executions/latest",
    "/api/v1/main/executions/{execution}/actions/eval",
    "/api/v1/main/executions/{execution}/actions/eval/{task_run}",
    "/api/v1/main/executions/{namespace}/{flow_id}/validate",
    "/api/v1/main/executions/{execution}/actions/resume/validate",
    "/api/v1/main/executions/{execution}/resume/validate",
    "/api/v1/main/flows/assist",
    "/api/v1/main/flows/export/by-ids",
    "/api/v1/main/flows/graph",
    "/api/v1/main/flows/source/replace/preview",
    "/api/v1/main/flows/validate",
    "/api/v1/main/flows/validate/task",
    "/api/v1/main/flows/validate/trigger",
    "/api/v1/main/namespaces/autocomplete",
    "/api/v1/plugins/auto-install/detect",
    "/api/v1/plugins/pluginUiManifest",
}
"""Routes that only read, although a program sends them something."""
GUARDED = [(method, path) for method, path in ROUTES if path not in OPEN]


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_nobody_and_a_wrong_token_are_refused(method: str, path: str) -> None:
    assert judge(Asked(method, address(path)), None).refusal == "unauthenticated"


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_a_token_that_only_reads_changes_nothing(method: str, path: str) -> None:
    refusal = judge(Asked(method, address(path)), Caller("a", "token", read_only=True)).refusal
    if method in SAFE or path in READ_BY_POST:
        assert refusal is None
    else:
        assert refusal in {"read_only", "token"}


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_a_session_without_its_mark_changes_nothing(method: str, path: str) -> None:
    refusal = judge(Asked(method, address(path)), Caller("a", "session", csrf_digest="x")).refusal
    assert refusal == (None if method in SAFE else "csrf")
