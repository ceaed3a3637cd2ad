"""``aws.lambda.Invoke``, ``aws.athena.Query``, ``aws.cloudformation.*``, and tokens of other services."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from toccata.plugin import FetchType, TypeGroup, dynamic
from toccata.plugins.families.aws.connection import SIGN_IN, Connection

_RUN = "toccata.plugins.families.aws.run"


class Invoke(Connection):
    """Calls a function, waits for its end, and keeps what it answered as a file."""

    function_arn: str = dynamic(doc="name of the function, or its ARN")
    function_payload: dict[str, Any] | None = dynamic(None, doc="what the function gets, as JSON")


class Query(Connection):
    """Runs a query, and waits for its end. A kill stops it."""

    database: str = dynamic(doc="the database")
    catalog: str | None = dynamic(None, doc="catalog of the database")
    output_location: str = dynamic(doc="where Athena keeps the results, as s3://bucket/folder/")
    query: str = dynamic(doc="the statement")
    fetch_type: FetchType = dynamic(
        "STORE",
        doc="STORE writes the rows into a file of internal storage, FETCH gives them as outputs, FETCH_ONE only the first; with NONE the task does not wait",
    )
    skip_header: bool = dynamic(default=True, doc="leave out the first row, which has the names")


class OfStack(Connection):
    stack_name: str = dynamic(doc="name of the stack")
    wait_for_completion: bool = dynamic(default=True, doc="wait until it is done")


class Create(OfStack):
    """Creates a stack, or updates one of this name."""

    template_body: str = dynamic(doc="the template, as YAML or JSON")
    parameters: dict[str, str] = dynamic({}, doc="values of its parameters")


class Delete(OfStack):
    """Deletes a stack."""


class GetAuthToken(Connection):
    """Gets a token with which container engines sign in."""


class EksToken(Connection):
    """Makes a token for a cluster of Kubernetes."""

    cluster_name: str = dynamic(doc="name of the cluster")
    expiration_duration: int = dynamic(600, doc="seconds for which it counts", ge=60, le=604800)


class InvokeOutputs(BaseModel):
    uri: str
    """What the function answered."""
    contentLength: int  # noqa: N815 - the name in flows
    contentType: str  # noqa: N815


class QueryOutputs(BaseModel):
    queryExecutionId: str  # noqa: N815
    rows: list[dict[str, Any]] | None = None
    row: dict[str, Any] | None = None
    uri: str | None = None
    """With STORE: a file with a row a line."""
    size: int | None = None


class StackOutputs(BaseModel):
    stackId: str  # noqa: N815
    stackName: str  # noqa: N815
    stackOutputs: dict[str, str]  # noqa: N815


class TokenOutputs(BaseModel):
    token: dict[str, Any]
    """Encrypted: only tasks can read it."""


def _group(service: str, module: str) -> TypeGroup:
    return TypeGroup(
        prefix=f"io.kestra.plugin.aws.{service}",
        run=f"{_RUN}.{module}",
        extra="toccata[aws]",
        kind="heavy",
        head=SIGN_IN,
    )


INVOKE = _group("lambda", "function").type(
    "Invoke",
    "Call a function of AWS Lambda",
    Invoke,
    InvokeOutputs,
    "functionArn: price-of\nfunctionPayload: {part: bolt}",
)
QUERY = _group("athena", "athena").type(
    "Query",
    "Query Amazon Athena",
    Query,
    QueryOutputs,
    "database: shop\noutputLocation: s3://results/\nquery: SELECT * FROM orders\nfetchType: FETCH",
)
_STACK = _group("cloudformation", "cloudformation")
CREATE = _STACK.type(
    "Create",
    "Create a stack of AWS CloudFormation",
    Create,
    StackOutputs,
    "stackName: shop\ntemplateBody: |\n  Resources:\n    Orders: {Type: AWS::SQS::Queue}\n  Outputs:\n    Queue: {Value: !Ref Orders}",
)
DELETE = _STACK.type("Delete", "Delete a stack of AWS CloudFormation", Delete, None, "stackName: shop")
GET_AUTH_TOKEN = _group("ecr", "token").type(
    "GetAuthToken", "Get a token of Amazon ECR", GetAuthToken, TokenOutputs, ""
)
EKS_TOKEN = _group("auth", "token").type(
    "EksToken", "Make a token for Amazon EKS", EksToken, TokenOutputs, "clusterName: shop"
)
