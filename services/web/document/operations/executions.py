"""Executions: start, find, follow, kill and restart them, and read their outputs."""

from __future__ import annotations

from typing import Any, Literal

from services.web.core.search.resource import DISTINCT, EXECUTIONS
from services.web.document.operation import (
    Answer,
    Body,
    Content,
    Operation,
    Parameter,
    Tag,
    file_answer,
    json_answer,
    json_body,
)
from services.web.document.parameters import (
    BREAKPOINTS,
    DESTINATION_ONLY,
    IDEMPOTENCY_KEY,
    LABELS,
    PAGE,
    REVISION,
    SIZE,
    SUBFLOWS,
    searched,
    selected,
)
from services.web.document.schema.base import FlowId, Page
from services.web.document.schema.execution import (
    AverageDuration,
    Evaluated,
    Execution,
    ExecutionLine,
    FilePreview,
    FileSize,
    LatestExecution,
    OutputsEntry,
    Rendered,
    RenderWanted,
    StartedExecution,
    ValidatedInputs,
    WebhookExecution,
)
from services.web.document.schema.flow import FlowForExecution
from services.web.document.schema.graph import FlowGraph

_ROOT = "/api/v1/main/executions"
_INPUTS = Body(
    (Content("multipart/form-data", dict[str, str]),),
    "one part for each input, with the input's name; optional if every input has a default",
    required=False,
)
_START = (
    LABELS,
    Parameter("wait", "answer when the execution has ended, after at most an hour", bool),
    REVISION,
    BREAKPOINTS,
    Parameter("scheduleDate", "when to start it, ISO 8601"),
    Parameter("kind", "the purpose of the execution", Literal["NORMAL", "TEST", "PLAYGROUND"]),
    IDEMPOTENCY_KEY,
)
_ONE = json_answer(Execution, "The execution")
_STREAM = (
    Answer(
        (Content("text/event-stream"),),
        "Events: `id:` is start, progress or end; `data:` is the execution",
    ),
)

_EVALUATION = (
    "The expression sees the variables of tasks, except `envs`, `globals`, files, and outputs over 16 KiB. Each secret "
    "reads as asterisks. A wrong expression is not an error of the request."
)
_EXPRESSION = Body(
    (Content("text/plain", str, "{{ outputs.say.value }}"),), "the expression, with its braces"
)
_FILE = Parameter("path", "address of the file, as in outputs: `kestra:///…`", required=True)

EXECUTIONS_TAG = Tag(
    "Executions",
    "One run of one revision of a flow.",
    {
        ("POST", f"{_ROOT}/{{namespace}}/{{flow_id}}"): Operation(
            "createExecution", "Execute a flow", json_answer(StartedExecution, "The new execution"),
            "Inputs of type FILE cannot be uploaded yet.", _INPUTS, _START, (400, 404, 409, 413, 415, 422, 429),
        ),
        ("POST", f"{_ROOT}/trigger/{{namespace}}/{{flow_id}}"): Operation(
            "triggerExecution", "Execute a flow, by its older path", json_answer(StartedExecution, "The new execution"),
            "", _INPUTS, _START, (400, 404, 409, 413, 415, 422, 429), deprecated=True,
        ),
        ("POST", f"{_ROOT}/{{namespace}}/{{flow_id}}/validate"): Operation(
            "validateNewExecutionInputs", "Check inputs without starting anything",
            json_answer(ValidatedInputs, "Each input with its value and what is wrong with it"),
            "", _INPUTS, (LABELS, REVISION), (400, 404, 409, 413, 415),
        ),
        ("GET", f"{_ROOT}/search"): Operation(
            "searchExecutions", "Search executions", json_answer(Page[ExecutionLine], "A page of executions"),
            parameters=(*searched(EXECUTIONS), Parameter("dateFilter", "the instant to which dates and time ranges apply",
                        Literal["START_DATE", "END_DATE", "START_OR_END_DATE"])), errors=(422,),
        ),
        ("GET", _ROOT): Operation(
            "searchExecutionsByFlowId", "Executions of one flow, newest first",
            json_answer(Page[ExecutionLine], "A page of executions"),
            parameters=(Parameter("namespace", "of the flow", required=True), Parameter("flowId", "of the flow", required=True),
                        PAGE, SIZE, Parameter("sort", "`column:asc` or `column:desc`", list[str])), errors=(400, 422),
        ),
        ("POST", f"{_ROOT}/latest"): Operation(
            "latestExecutions", "The latest execution of each of these flows",
            json_answer(list[LatestExecution], "Those of each flow that has run, the latest first"), "", json_body(list[FlowId], "flows"),
            (Parameter("size", "how many of each flow, at most 30; default: 1", int),), (400, 422),
        ),
        ("GET", f"{_ROOT}/{{execution}}"): Operation("execution", "One execution with its task runs", _ONE, errors=(404,)),
        ("GET", f"{_ROOT}/{{execution}}/flow"): Operation(
            "flowFromExecution", "The flow that an execution runs, in its revision",
            json_answer(FlowForExecution, "The flow without task bodies"), errors=(404,),
        ),
        ("GET", f"{_ROOT}/{{execution}}/follow"): Operation(
            "followExecution", "Follow an execution as server-sent events", _STREAM, errors=(404,),
        ),
        ("GET", f"{_ROOT}/namespaces"): Operation(
            "listExecutableDistinctNamespaces", "Namespaces that hold flows", json_answer(list[str], "Their names"),
        ),
        ("GET", f"{_ROOT}/namespaces/{{namespace}}/flows"): Operation(
            "listFlowExecutionsByNamespace", "Flows of a namespace that can be executed",
            json_answer(list[FlowForExecution], "Without task bodies"),
        ),
        ("GET", f"{_ROOT}/namespaces/{{namespace}}/flows/{{flow_id}}/average-duration"): Operation(
            "executionAverageDuration", "The average duration of a flow's executions", json_answer(AverageDuration, "From the last 100 that ended"),
        ),
        ("GET", f"{_ROOT}/distinct-field-values"): Operation(
            "findDistinctExecutionFieldValues", "The values of one field of executions", json_answer(list[str], "Ascending"),
            parameters=(Parameter("field", f"one of {', '.join(DISTINCT)}, also as `FLOW_ID`", required=True),
                        Parameter("size", "largest number of values, at most 1,000; default: 100", int), *selected(EXECUTIONS)),
            errors=(400, 422),
        ),
        ("GET", f"{_ROOT}/flows/{{namespace}}/{{flow_id}}"): Operation(
            "flowFromExecutionById", "What a form to execute a flow needs",
            json_answer(FlowForExecution, "The flow without task bodies"), parameters=(REVISION,), errors=(400, 404),
        ),
        ("GET", f"{_ROOT}/{{execution}}/graph"): Operation(
            "executionFlowGraph", "The graph of the flow that an execution runs, with its task runs",
            json_answer(FlowGraph, "Nodes, edges and clusters"), parameters=(SUBFLOWS,), errors=(404,),
        ),
        ("GET", f"{_ROOT}/{{execution}}/follow-dependencies"): Operation(
            "followDependenciesExecutions", "Follow executions that belong together as server-sent events",
            (Answer((Content("text/event-stream"),), "Events: `id:` is start, progress or end; `data:` is an execution's state"),),
            "Those with the same label `system.correlationId`, at most 1,000. Both parameters choose nothing.",
            parameters=(DESTINATION_ONLY, Parameter("expandAll", "executions further away, too", bool)), errors=(400, 404),
        ),
        ("GET", f"{_ROOT}/export/by-query/csv"): Operation(
            "exportExecutionsAsCsv", "Executions as CSV", file_answer("text/csv", "One line for each execution"), parameters=selected(EXECUTIONS),
            errors=(400, 422),
        ),
        ("POST", f"{_ROOT}/{{execution}}/actions/eval"): Operation(
            "evalExpression", "Evaluate an expression on an execution", json_answer(Evaluated, "The result or the error"),
            _EVALUATION, _EXPRESSION, errors=(404, 413, 422),
        ),
        ("POST", f"{_ROOT}/{{execution}}/actions/eval/{{task_run}}"): Operation(
            "evalTaskRunExpression", "Evaluate an expression on a task run", json_answer(Evaluated, "The result or the error"),
            _EVALUATION, _EXPRESSION, errors=(404, 413, 422),
        ),
        ("POST", "/api/v1/main/expressions/render"): Operation(
            "renderExpressions", "Render expressions on an execution or a flow",
            json_answer(Rendered, "The texts of those that can be rendered"),
            "Names an execution, or has the source of a flow, or names a flow. Secrets read as asterisks.",
            json_body(RenderWanted, "what to render, and on what"), errors=(404, 413, 422),
        ),
        ("GET", f"{_ROOT}/{{execution}}/file"): Operation(
            "downloadFileFromExecution", "A file of an execution", file_answer("application/octet-stream", "The unchanged file"),
            parameters=(_FILE, Parameter("format", "format of the answer", Literal["RAW"])), errors=(400, 404, 422),
        ),
        ("GET", f"{_ROOT}/{{execution}}/file/metas"): Operation(
            "fileMetadatasFromExecution", "The size of a file of an execution", json_answer(FileSize, "In bytes"),
            parameters=(_FILE,), errors=(400, 404, 422),
        ),
        ("GET", f"{_ROOT}/{{execution}}/file/preview"): Operation(
            "previewFileFromExecution", "The beginning of a file of an execution", json_answer(FilePreview, "The preview"),
            "It reads at most 2 MiB of text. Pictures and PDF are complete, up to 10 MiB.",
            parameters=(_FILE, Parameter("maxRows", "largest number of lines or rows, at most 5,000; default: 100", int),
                        Parameter("encoding", "encoding of the text; default: `UTF-8`")), errors=(400, 404, 422),
        ),
    },
)  # fmt: skip


def _webhook(method: str, *, further: bool) -> Operation:
    body = Body((Content("*/*", Any),), "the trigger reads it as `trigger.body`", required=False)
    return Operation(
        f"triggerExecutionBy{method.capitalize()}Webhook{'WithPath' if further else ''}",
        "Start an execution by a webhook trigger",
        (
            Answer(
                (Content("application/json", WebhookExecution),),
                "The execution, or the answer that the trigger defines",
            ),
            Answer((), "The trigger's conditions do not hold", 204),
        ),
        "There is no sign-in, because the key is the secret. The query is `trigger.parameters`, the headers are `trigger.headers`, both without credentials.",
        None if method == "GET" else body,
        (IDEMPOTENCY_KEY,),
        (401, 404, 405, 413, 422, 429, 504),
        open=True,
    )


WEBHOOKS_TAG = Tag(
    "Webhooks",
    "Start flows by a secret key.",
    {
        (method, f"{_ROOT}/webhook/{{namespace}}/{{flow_id}}/{{key}}{rest}"): _webhook(
            method, further=bool(rest)
        )
        for method in ("GET", "POST", "PUT")
        for rest in ("", "/{path}")
    },
)
_OUTPUTS = "/api/v1/main/outputs"
OUTPUTS_TAG = Tag(
    "Outputs",
    "Outputs of flows and tasks.",
    {
        ("GET", f"{_OUTPUTS}/executions/{{execution}}"): Operation(
            "executionOutputs", "Outputs of the flow", json_answer(dict[str, Any], "By name"), errors=(404,),
        ),
        ("GET", f"{_OUTPUTS}/tasks/{{execution}}"): Operation(
            "listTaskRunOutputs", "Task runs that have outputs", json_answer(list[OutputsEntry], "One entry for each task run"), errors=(404,),
        ),
        ("GET", f"{_OUTPUTS}/tasks/{{execution}}/{{task_run}}"): Operation(
            "taskRunOutputs", "Outputs of a task run",
            json_answer(dict[str, Any], "By name; large outputs are replaced by the file's address, `uri`"), errors=(404,),
        ),
    },
)  # fmt: skip
