"""Which resource a path means: with or without tenant segment, of the 1.x or the 2.0 generation. Never redirects."""

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
"""First segments that belong to the tenant when they stand without one."""

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
"""Instance-level resources that older clients also ask under the tenant."""


@dataclass(frozen=True, slots=True)
class Route:
    path: str
    """With tenant, or instance-level: what the routes are declared with."""
    legacy: bool = False
    """Asked in a form of the 1.x generation."""
    foreign_tenant: bool = False


def route_of(path: str) -> Route:
    """The canonical path of any that clients use."""
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
