"""Routes of the types that inputs may have."""

from __future__ import annotations

from fastapi import APIRouter, Response

from contracts.language.types.index import INPUTS
from services.web.core.problem import not_found
from services.web.http.answer import answer
from toccata.plugins.host.document import DIALECT, Documentation, markdown

router = APIRouter(prefix="/api/v1/plugins/inputs", tags=["Plugins"])
_PACKAGE = "io.kestra.core.models.flows.input"
_WORDS = {"DATETIME": "DateTime", "URI": "URI"}


@router.get("")
async def input_types() -> Response:
    return answer([{"type": name, "cls": class_of(name)} for name in INPUTS])


@router.get("/{type}")
async def input_type(type: str) -> Response:  # noqa: A002 - the name of the path's variable
    found = documentation_of(type.upper())
    if found is None:
        raise not_found(f"Input type '{type[:200]}'")
    schema = {"properties": found.properties, "outputs": {"$schema": DIALECT}, "definitions": {}}
    return answer({"markdown": markdown(found), "schema": schema})


def class_of(name: str) -> str:
    """As Kestra's clients know it."""
    return f"{_PACKAGE}.{_WORDS.get(name, name.capitalize())}Input"


def documentation_of(name: str) -> Documentation | None:
    known = INPUTS.get(name)
    if known is None:
        return None
    successor = known.deprecated_by
    return Documentation(
        name=class_of(name),
        title=known.title,
        description=known.description,
        aliases=(),
        deprecated_by=class_of(successor) if successor is not None else None,
        examples=known.examples,
        properties={"$schema": DIALECT} | known.properties.model_json_schema(by_alias=True),
        outputs=None,
    )
