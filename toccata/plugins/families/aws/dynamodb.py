"""``aws.dynamodb.*``"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from toccata.plugin import FetchType, TypeGroup, dynamic
from toccata.plugins.families.aws.connection import SIGN_IN, Connection

_FETCH = "STORE writes the rows into a file of internal storage, FETCH gives them as outputs, FETCH_ONE only the first"


class OfTable(Connection):
    table_name: str = dynamic(doc="the table")


class GetItem(OfTable):
    """Reads an item. Without one of this key, there are no outputs."""

    key: dict[str, Any] = dynamic(doc="values of the attributes that are the key")


class DeleteItem(OfTable):
    """Deletes an item. A missing one counts as deleted."""

    key: dict[str, Any] = dynamic(doc="values of the attributes that are the key")


class PutItem(OfTable):
    """Writes an item, in place of one with the same key."""

    item: Any = dynamic(doc="its attributes: a map, or JSON text of one")


class Search(OfTable):
    fetch_type: FetchType = dynamic("STORE", doc=_FETCH)
    limit: int | None = dynamic(None, doc="most items that are looked at", ge=1)
    filter_expression: str | None = dynamic(None, doc="which of them are wanted, such as `price > :most`")


class Query(Search):
    """Finds the items of a key."""

    key_condition_expression: str = dynamic(doc="the key, such as `customer = :name`")
    expression_attribute_values: dict[str, Any] = dynamic(
        doc="values of the expressions, by names that begin with `:`"
    )


class Scan(Search):
    """Goes through all items of a table."""

    expression_attribute_values: dict[str, Any] | None = dynamic(
        None, doc="values of the expression, by names that begin with `:`"
    )


class RowOutputs(BaseModel):
    row: dict[str, Any] | None = None


class RowsOutputs(RowOutputs):
    rows: list[dict[str, Any]] | None = None
    uri: str | None = None
    """With STORE: a file with an item a row."""
    size: int | None = None


_GROUP = TypeGroup(
    prefix="io.kestra.plugin.aws.dynamodb",
    run="toccata.plugins.families.aws.run.dynamodb",
    extra="toccata[aws]",
    kind="heavy",
    head=SIGN_IN,
)
PUT_ITEM = _GROUP.type(
    "PutItem",
    "Write an item into Amazon DynamoDB",
    PutItem,
    None,
    "tableName: orders\nitem: {customer: ada, number: 7, lines: [{part: bolt, price: 1.5}]}",
)
GET_ITEM = _GROUP.type(
    "GetItem",
    "Read an item of Amazon DynamoDB",
    GetItem,
    RowOutputs,
    "tableName: orders\nkey: {customer: ada, number: 7}",
)
DELETE_ITEM = _GROUP.type(
    "DeleteItem",
    "Delete an item of Amazon DynamoDB",
    DeleteItem,
    None,
    "tableName: orders\nkey: {customer: ada, number: 7}",
)
QUERY = _GROUP.type(
    "Query",
    "Find items of a key in Amazon DynamoDB",
    Query,
    RowsOutputs,
    'tableName: orders\nkeyConditionExpression: customer = :name\nexpressionAttributeValues: {":name": ada}\nfetchType: FETCH',
)
SCAN = _GROUP.type(
    "Scan",
    "Go through a table of Amazon DynamoDB",
    Scan,
    RowsOutputs,
    "tableName: orders\nfetchType: FETCH",
)
