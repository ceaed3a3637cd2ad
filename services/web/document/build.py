"""Turns tags and operations into an OpenAPI 3.1 document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode

from services.web.document.operation import Answer, Body, Content, Json, Operation, Parameter, Shape, Tag
from services.web.document.operations.actions import ACTIONS_TAG
from services.web.document.operations.executions import EXECUTIONS_TAG, OUTPUTS_TAG, WEBHOOKS_TAG
from services.web.document.operations.flows import FLOWS_TAG
from services.web.document.operations.instance import INSTANCE_TAG, PLUGINS_TAG, TOKENS_TAG
from services.web.document.operations.observed import (
    LIMITS_TAG,
    LOGS_TAG,
    METRICS_TAG,
    NAMESPACES_TAG,
)
from services.web.document.operations.stored import FILES_TAG, KV_TAG, SECRETS_TAG
from services.web.document.operations.trigger import TRIGGERS_TAG
from services.web.document.parameters import PATH
from services.web.document.schema.base import Problem

TAGS = (
    FLOWS_TAG, EXECUTIONS_TAG, ACTIONS_TAG, WEBHOOKS_TAG, OUTPUTS_TAG, LOGS_TAG, METRICS_TAG, TRIGGERS_TAG, LIMITS_TAG, NAMESPACES_TAG, KV_TAG, SECRETS_TAG, FILES_TAG,
    PLUGINS_TAG, INSTANCE_TAG, TOKENS_TAG,
)  # fmt: skip
_INFO = {
    "title": "Toccata",
    "version": "2.0.0+toccata",
    "summary": "The HTTP API of Toccata, compatible with Kestra's.",
    "description": (
        "Paths under `/api/v1/main/` also answer without `main`. Times are ISO 8601 in UTC, durations ISO 8601. Fields "
        "without a value are left out. Every error is a problem object with a text for people in `detail`."
    ),
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}
_SECURITY = {
    "basic": {"type": "http", "scheme": "basic", "description": "user name and password from the settings"},
    "token": {"type": "http", "scheme": "bearer", "description": "an API token"},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "toccata_session",
        "description": "set by the sign-in; writes also need the header X-CSRF-TOKEN with the value of the cookie XSRF-TOKEN",
    },
}
_ERRORS = {
    400: "A parameter or the body is wrong",
    401: "Not signed in, or wrong password",
    403: "The caller may not do this: a read-only token, or a request of another site",
    404: "Not found",
    405: "The method is not allowed",
    410: "The value has expired",
    409: "The present state does not allow this",
    412: "A newer revision was saved in the meantime",
    413: "The body is too large",
    415: "The content type is not supported",
    422: "The request is not valid; `errors` says where",
    429: "The system is busy, or this address showed too many wrong passwords: ask again after `Retry-After` seconds",
    503: "Kafka or PostgreSQL does not answer: ask again after `Retry-After` seconds",
    504: "No answer in time; the change may still be made",
}
_REF = "#/components/schemas/{model}"
_VARIABLE = re.compile(r"\{(\w+)(?::\w+)?\}")


def build(*, strict: bool = False) -> Json:
    """With ``strict``, the schemas refuse keys that are not declared. Tests use this; clients must ignore such keys."""
    schemas = _Schemas(strict=strict)
    problem = schemas.of(Problem)
    paths: Json = {}
    for tag in TAGS:
        for (method, path), operation in tag.operations.items():
            item = paths.setdefault(_VARIABLE.sub(r"{\1}", path), {})
            item[method.lower()] = _operation(tag, path, operation, schemas)
    components = {
        "schemas": schemas.definitions(),
        "responses": {
            str(status): {"description": text, "content": {"application/json": {"schema": problem}}}
            for status, text in _ERRORS.items()
        },
        "securitySchemes": _SECURITY,
    }
    return {
        "openapi": "3.1.0",
        "info": _INFO,
        "servers": [{"url": "/"}],
        "tags": [{"name": tag.name, "description": tag.meaning} for tag in TAGS],
        "security": [{"basic": []}, {"token": []}, {"cookie": []}],
        "paths": {path: paths[path] for path in sorted(paths)},
        "components": components,
    }


def _operation(tag: Tag, path: str, operation: Operation, schemas: _Schemas) -> Json:
    described: Json = {"tags": [tag.name], "operationId": operation.id, "summary": operation.summary}
    if operation.description:
        described["description"] = operation.description
    if operation.deprecated:
        described["deprecated"] = True
    variables = [Parameter(name, PATH[name], str, "path", required=True) for name in _VARIABLE.findall(path)]
    parameters = [_parameter(each, schemas) for each in (*variables, *operation.parameters)]
    if parameters:
        described["parameters"] = parameters
    if operation.body is not None:
        described["requestBody"] = _body(operation.body, schemas)
    described["responses"] = _responses(operation, schemas)
    if operation.open:
        described["security"] = []
    return described


def _parameter(parameter: Parameter, schemas: _Schemas) -> Json:
    described: Json = {"name": parameter.name, "in": parameter.place, "description": parameter.meaning}
    if parameter.required:
        described["required"] = True
    if parameter.style:
        described |= {"style": parameter.style, "explode": True}
    return {**described, "schema": schemas.of(parameter.shape)}


def _body(body: Body, schemas: _Schemas) -> Json:
    return {
        "description": body.meaning,
        "required": body.required,
        "content": _contents(body.contents, schemas),
    }


def _responses(operation: Operation, schemas: _Schemas) -> Json:
    found: Json = {str(answer.status): _answer(answer, schemas) for answer in operation.answers}
    usual = () if operation.open else (401, 403, 429)
    for status in sorted({*usual, *operation.errors, 503}):
        found.setdefault(str(status), {"$ref": f"#/components/responses/{status}"})
    return found


def _answer(answer: Answer, schemas: _Schemas) -> Json:
    described: Json = {"description": answer.meaning}
    if answer.contents:
        described["content"] = _contents(answer.contents, schemas)
    return described


def _contents(contents: Iterable[Content], schemas: _Schemas) -> Json:
    described: Json = {}
    for content in contents:
        form: Json = {"schema": schemas.of(content.shape)}
        if content.example is not None:
            form["example"] = content.example
        described[content.media] = form
    return described


class _Schemas:
    """Turns shapes into schemas. Shapes with a name become components."""

    def __init__(self, *, strict: bool) -> None:
        self._strict = strict
        self._found: Json = {}

    def of(self, shape: Shape) -> Json:
        mode: JsonSchemaMode = "serialization"
        schema = TypeAdapter(shape).json_schema(mode=mode, ref_template=_REF, schema_generator=_Titleless)
        self._found |= schema.pop("$defs", {})
        title = getattr(shape, "__name__", "")
        if schema.get("type") == "object" and "properties" in schema and isinstance(shape, type):
            self._found[_component(title)] = schema
            return {"$ref": _REF.format(model=_component(title))}
        return dict(self._clean(schema))

    def definitions(self) -> Json:
        return {_component(name): self._clean(self._found[name]) for name in sorted(self._found)}

    def _clean(self, value: Any) -> Any:
        """Remove null, because fields without a value are left out. Names of generic models become plain ones."""
        if isinstance(value, list):
            return [self._clean(each) for each in value]
        if not isinstance(value, dict):
            return value
        if "anyOf" in value and {"type": "null"} in value["anyOf"]:
            (rest,) = [each for each in value["anyOf"] if each != {"type": "null"}]
            value = {**rest, **{k: v for k, v in value.items() if k not in {"anyOf", "default"}}}
        cleaned = {key: self._clean(each) for key, each in value.items()}
        if not self._strict and cleaned.get("additionalProperties") is False:
            del cleaned["additionalProperties"]
        if isinstance(cleaned.get("$ref"), str):
            name = cleaned["$ref"].rpartition("/")[2]
            cleaned["$ref"] = _REF.format(model=_component(name))
        return cleaned


class _Titleless(GenerateJsonSchema):
    """Leaves out titles that only repeat the name of a field."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the signature is pydantic's
        return False


def _component(name: str) -> str:
    """``Page[Flow]`` as ``FlowPage``."""
    found = re.fullmatch(r"Page[\[_](\w+?)[\]_]", name)
    return f"{found[1]}Page" if found else name


def operations() -> Iterator[tuple[str, str, Operation]]:
    """Method, path and operation of each."""
    for tag in TAGS:
        for (method, path), operation in tag.operations.items():
            yield method, path, operation
