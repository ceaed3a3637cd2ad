"""Every call that Kestra's own Python SDK can make has a route here, or stands below with the reason.

Without TOCCATA_TEST_SDK_PYTHON, the interpreter that has the SDK, the test skips. It sends nothing: the SDK says what it would ask.
"""

from __future__ import annotations

import json
import os
import re
import subprocess

import pytest

from tests.support.system import ROOT

PROGRAM = """
import inspect, json, typing
from unittest.mock import MagicMock
from kestrapy.base_api import BaseApi
from kestrapy.kestra_client import KestraClient

class Asked(Exception):
    pass

def asked(_, method, path, *__, **___):
    raise Asked(method, path)

BaseApi._request = asked
HOST = "http://127.0.0.1:1"
client = KestraClient(host=HOST, username="a", password="b")
client._session.get = lambda url, **_: asked(None, "GET", url.removeprefix(HOST))  # event streams

def value(hint):
    if "Dict" in str(hint):
        return {}
    if "List" in str(hint):
        return []
    return {str: "PLACE", int: 1, bool: True, bytes: b"x"}.get(hint, MagicMock())

calls = []
for kind in vars(KestraClient):
    if kind.startswith("_") or not isinstance(getattr(KestraClient, kind), property):
        continue
    for name, call in inspect.getmembers(getattr(client, kind), inspect.ismethod):
        if name.startswith("_"):
            continue
        hints = typing.get_type_hints(call)
        needed = [each for each in inspect.signature(call).parameters.values() if each.default is each.empty]
        arguments = {
            each.name: "main" if each.name == "tenant" else value(hints.get(each.name))
            for each in needed
            if each.kind is each.POSITIONAL_OR_KEYWORD
        }
        try:
            answer = call(**arguments)
            next(answer)
        except Asked as question:
            calls.append([kind, name, *question.args])
print(json.dumps(calls))
"""
ENTERPRISE = frozenset(
    "apps assets auditlogs banners bindings case_templates cases credentials groups instance invitations kill_switches "  # noqa: SIM905
    "policies promotion_targets quotas reusable_inputs roles security_integrations service_account tenant_access tenants "
    "test_suites users worker_groups worker_queues".split()
)
"""Kinds of calls that Kestra's open-source server does not answer either."""
LATER = ("ai", "blueprints", "dashboards", "mcp", "mcp_servers", "me", "notifications")
"""Whole kinds that have yet to be built."""
NOT_HERE = {
    # Hashes, policies and promotions are Enterprise.
    "flows": "flow_hashes_by_ids list_promotions preview_policies promote promote_by_ids promote_diff "
    "report_promote update_concurrency_limit",
    "misc": "auths generate_reports license_info refresh_license setup_configuration setup_kestra worker_selector_tags",
    # Credentials, namespaces of their own and the writing of secrets are Enterprise.
    "namespaces": "create_namespace create_namespace_credential delete_namespace delete_namespace_credential delete_secret "
    "get_inherited_credentials inherited_variables list_namespace_credentials namespace_credential patch_secret put_secrets "
    "test_namespace_connection update_namespace update_namespace_credential",
}
"""By kind, calls without a route."""


@pytest.fixture(scope="module")
def calls() -> list[tuple[str, str, str, str]]:
    """Return kind, name, method and path of each call, places in the path as ``{}``."""
    python = os.environ.get("TOCCATA_TEST_SDK_PYTHON")
    if python is None:
        pytest.skip("TOCCATA_TEST_SDK_PYTHON names no interpreter with Kestra's SDK (kestrapy)")
    said = subprocess.run([python, "-W", "ignore", "-c", PROGRAM], capture_output=True, text=True, check=True)
    found = json.loads(said.stdout)
    return [(kind, name, method, _plain(path)) for kind, name, method, path in found]


def _plain(path: str) -> str:
    return re.sub(r"PLACE|\{[^}]*\}|%3CMagicMock[^/]*", "{}", path.partition("?")[0])


def test_every_call_has_a_route_or_a_reason(calls: list[tuple[str, str, str, str]]) -> None:
    assert len(calls) > 500
    paths = json.loads((ROOT / "services" / "web" / "openapi.json").read_text())["paths"]
    routes = {(method.upper(), _plain(path)) for path, methods in paths.items() for method in methods}
    missing: dict[str, set[str]] = {}
    for kind, name, method, path in calls:
        if kind not in ENTERPRISE and kind not in LATER and (method, path) not in routes:
            missing.setdefault(kind, set()).add(name)
    assert missing == {kind: set(names.split()) for kind, names in NOT_HERE.items()}
