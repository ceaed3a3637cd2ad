"""Maps a path to its resource, with or without tenant segment, in the form of 1.x or 2.0. Never redirects."""

from __future__ import annotations

from dataclasses import dataclass

API = "/api/v1/"
TENANT = "main"

SCOPED = frozenset(
    [
        "flows",
        "executions",
        "logs",
        "metrics",
        "triggers",
        "namespaces",
        "kv",
        "secrets",
        "dashboards",
        "blueprints",
        "ai",
        "mcp",
        "mcp-servers",
        "outputs",
        "expressions",
        "concurrency-limit",
        "usages",
        "basicAuth",
        "stats",
        "taskruns",
        "templates",
        "schemas",
    ]
)
"""First segments that mean the tenant's resources even without the tenant segment."""

INSTANCE = frozenset(
    [
        "configs",
        "plugins",
        "pebble",
        "notifications",
        "login",
        "logout",
        "basicAuthValidationErrors",
        "instance",
        "cluster",
        "setup",
        "me",
        "users",
        "tenants",
        "openapi.json",
        "docs",
    ]
)
_BOTH = frozenset({"configs", "plugins", "usages"})
"""Resources of the instance that older clients also request under the tenant."""


@dataclass(frozen=True, slots=True)
class Route:
    path: str
    """The path as routes declare it: with tenant, or of the instance."""
    legacy: bool = False
    """The request came in a form of 1.x."""
    foreign_tenant: bool = False


def route_of(path: str) -> Route:
    """The canonical form of any path that clients use."""
    if not path.startswith(API):
        return Route(path)
    rest = path[len(API) :]
    first, _, tail = rest.partition("/")
    if first == TENANT:
        second = tail.partition("/")[0]
        if second in _BOTH and second != "usages":
            return Route(API + tail)
        return Route(path)
    if first in SCOPED:
        return Route(f"{API}{TENANT}/{rest}", legacy=True)
    if first in INSTANCE or not tail:
        return Route(path)
    return Route(path, foreign_tenant=tail.partition("/")[0] in SCOPED)
