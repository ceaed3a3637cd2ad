"""The instance: configuration, sign-in, health, and the types that flows may use."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from services.web.document.schema.base import Instant, JsonMap, Shape

Status = Literal["UP", "DOWN"]


class Part(Shape):
    status: Status


class Health(Shape):
    status: Status
    details: dict[str, Part] = Field(
        description="the servers that web needs, and the topics that it must read first"
    )


class Preview(Shape):
    initial: int
    max: int


class Configuration(Shape):
    uuid: str
    version: str = Field(description="version by which clients choose their paths")
    edition: Literal["OSS"]
    chart_default_duration: str
    flow_template: str
    is_custom_dashboards_enabled: bool
    is_anonymous_usage_enabled: bool
    is_ui_anonymous_usage_enabled: bool
    is_template_enabled: bool
    url: str
    preview: Preview
    system_namespace: str
    hidden_labels_prefixes: list[str]
    is_ai_enabled: bool
    is_ai_api_key_configured: bool
    is_basic_auth_initialized: bool
    plugins_hash: int
    is_concurrency_view_enabled: bool


class SignInState(Shape):
    is_basic_auth_initialized: bool


class SignIn(Shape):
    username: str
    password: str


class SignedIn(Shape):
    username: str


class NewCredentials(SignIn):
    uid: str | None = None


class TokenWanted(Shape):
    name: str = Field(description="1 to 100 characters; no two tokens have the same")
    scope: Literal["full", "read"] = Field("full", description="`read`: requests that change nothing")
    expires_in_days: int | None = Field(
        90, ge=1, le=3650, description="days until it expires; null: it does not expire"
    )


class ApiToken(Shape):
    id: str
    name: str
    user: str
    scope: Literal["full", "read"]
    created: Instant
    expires: Instant | None = None
    expired: bool


class NewToken(ApiToken):
    token: str = Field(description="the token itself, which is kept nowhere")


class Empty(Shape):
    pass


class PluginElement(Shape):
    cls: str
    title: str | None = None
    deprecated: bool


class PluginGroup(Shape):
    name: str
    title: str
    group: str
    tasks: list[PluginElement]
    triggers: list[PluginElement]
    task_runners: list[PluginElement] | None = None
    aliases: list[str] | None = None


class TypeSchema(Shape):
    properties: JsonMap = Field(description="JSON Schema of the properties")
    outputs: JsonMap = Field(description="JSON Schema of the outputs")
    definitions: JsonMap


class TypeDocumentation(Shape):
    markdown: str
    schema_: TypeSchema = Field(alias="schema")


class Icon(Shape):
    name: str
    icon: str = Field(description="an SVG, in base64")
    flowable: bool
    monochrome: bool
    hash: str


class OneIcon(Shape):
    icon: Icon


class TypeVersions(Shape):
    type: str
    versions: list[str] = Field(description="the installed one; empty for a type from a folder")


class PluginManifest(Shape):
    manifest: JsonMap = Field(description="always empty: no type brings parts of a page")


class SecretName(Shape):
    key: str


class SecretNames(Shape):
    read_only: Literal[True]
    results: list[SecretName]
    total: int


class FlowUsage(Shape):
    count: int
    namespaces_count: int
    task_type_count: dict[str, int]
    trigger_type_count: dict[str, int]


class Durations(Shape):
    min: float
    avg: float
    max: float
    sum: float
    count: int


class DailyExecutions(Shape):
    start_date: Instant
    duration: Durations = Field(description="in seconds, of those that have ended")
    execution_counts: dict[str, int] = Field(description="by state")
    group_by: Literal["day"]


class ExecutionUsage(Shape):
    daily_executions_count: list[DailyExecutions] = Field(description="the last seven days, in UTC")


class Usage(Shape):
    flows: FlowUsage
    executions: ExecutionUsage


class Argument(Shape):
    name: str


class ExpressionFunction(Shape):
    name: str
    arguments: list[Argument]


class TriggerKind(Shape):
    type: str
    name: str = Field(description="the last word of the type")
    description: str
    group: Literal["core", "realtime"] = Field(description="`realtime`: of a plugin that listens")
    deprecated: bool
    ee: bool


class InputKind(Shape):
    type: str = Field(description="as written in flows")
    cls: str
