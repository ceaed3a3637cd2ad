"""Flows: find, read, save, validate, import and export them."""

from __future__ import annotations

from typing import Any, Literal

from services.web.core.search.resource import FLOWS
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
    DESTINATION_ONLY,
    IF_MATCH,
    PAGE,
    REVISION,
    SIZE,
    SUBFLOWS,
    searched,
    selected,
)
from services.web.document.schema.base import Count, FlowId, Page
from services.web.document.schema.flow import (
    Assistance,
    AssistWanted,
    Categories,
    Flow,
    FlowWithSource,
    OutdatedFlow,
    SourceHit,
    Task,
    Validated,
)
from services.web.document.schema.graph import FlowGraph, Topology
from services.web.document.schema.source import ReplaceApply, Replaced, ReplaceIn, ReplaceLine, ReplacePreview

_ROOT = "/api/v1/main/flows"
_EXAMPLE = """\
id: hello
namespace: company.team
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: Hello
"""
YAML = Content("application/x-yaml", str, _EXAMPLE)
_SOURCE = Body((YAML, Content("application/json", dict[str, Any])), "the flow, as YAML or as JSON")
_SAVED = json_answer(FlowWithSource, "The flow as saved")
_IDS = json_body(list[FlowId], "flows, each by its namespace and id")
_COUNT = json_answer(Count, "How many")
_SELECTION = "At least one filter is required. Unknown parameters are refused. At most 10,000 flows at once."
_PART = Body((YAML, Content("application/json", dict[str, Any])), "the task or trigger, as YAML or as JSON")
_MANY = Body(
    (YAML, Content("multipart/form-data", dict[str, str])),
    "documents separated by `---`, or parts named `flows`",
)
_UPLOAD = Body(
    (Content("multipart/form-data", dict[str, bytes]),),
    "a part `fileUpload` whose name ends in .yaml, .yml or .zip",
)

FLOWS_TAG = Tag(
    "Flows",
    "Flows and their revisions.",
    {
        ("GET", f"{_ROOT}/search"): Operation(
            "searchFlows", "Search flows", json_answer(Page[Flow], "A page of flows"), parameters=searched(FLOWS), errors=(422,),
        ),
        ("GET", f"{_ROOT}/source"): Operation(
            "searchFlowsBySourceCode", "Search in the sources of flows", json_answer(Page[SourceHit], "A page of hits"),
            parameters=(Parameter("q", "text to look for", required=True),
                        Parameter("namespace", "this namespace and those below it"), PAGE, SIZE), errors=(400, 422),
        ),
        ("POST", f"{_ROOT}/source/replace/preview"): Operation(
            "previewReplaceBySourceCode", "What a replacement in sources would change", json_answer(ReplacePreview, "Line by line"), "",
            json_body(ReplaceIn, "what to look for, and what to put there"), errors=(422,),
        ),
        ("POST", f"{_ROOT}/source/replace/apply"): Operation(
            "applyReplaceBySourceCode", "Replace in the sources of flows", json_answer(Replaced, "Flows as saved, and flows left alone"),
            "", json_body(ReplaceApply, "what to look for, what to put there, and in which flows"), errors=(422, 504),
        ),
        ("POST", f"{_ROOT}/source/replace/line"): Operation(
            "replaceLineBySourceCode", "Replace on one line of one flow", json_answer(FlowWithSource, "The flow as saved"), "",
            json_body(ReplaceLine, "what to look for, what to put there, and on which line"), errors=(404, 412, 422, 504),
        ),
        ("GET", f"{_ROOT}/distinct-namespaces"): Operation(
            "listDistinctNamespaces", "Namespaces that hold flows", json_answer(list[str], "Their names"),
            parameters=(Parameter("q", "part of the name"),),
        ),
        ("GET", f"{_ROOT}/deprecated"): Operation(
            "listDeprecated", "Flows with tasks whose type has a successor", json_answer(list[OutdatedFlow], "The flows with these tasks"),
            parameters=(Parameter("namespace", "flows of exactly this namespace"),),
        ),
        ("GET", f"{_ROOT}/{{namespace}}/{{flow_id}}/dependencies"): Operation(
            "flowDependencies", "The flows that a flow starts, and those that start it", json_answer(Topology, "Empty if there are none"),
            "They come from subflow tasks and flow triggers that name an existing flow.",
            parameters=(DESTINATION_ONLY, Parameter("expandAll", "also the dependencies of these flows, and so on", bool)), errors=(400, 404),
        ),
        ("GET", f"{_ROOT}/{{namespace}}"): Operation(
            "listFlowsByNamespace", "Flows of exactly this namespace", json_answer(list[Flow], "The flows"),
        ),
        ("GET", f"{_ROOT}/{{namespace}}/{{flow_id}}"): Operation(
            "flow", "One flow", json_answer(FlowWithSource, "The flow, with its source if requested"),
            parameters=(Parameter("source", "include the source", bool), REVISION,
                        Parameter("allowDeleted", "also if it was deleted", bool)), errors=(400, 404),
        ),
        ("GET", f"{_ROOT}/{{namespace}}/{{flow_id}}/revisions"): Operation(
            "listFlowRevisions", "All revisions of a flow, oldest first", json_answer(list[FlowWithSource], "With their sources"),
            parameters=(Parameter("allowDelete", "include revisions that delete the flow", bool),), errors=(400, 404),
        ),
        ("GET", f"{_ROOT}/{{namespace}}/{{flow_id}}/tasks/{{task_id}}"): Operation(
            "taskFromFlow", "One task as written in the flow", json_answer(Task, "The task"), parameters=(REVISION,), errors=(400, 404),
        ),
        ("POST", _ROOT): Operation(
            "createFlow", "Create a flow", _SAVED, "", _SOURCE, errors=(400, 412, 413, 422, 504),
        ),
        ("PUT", f"{_ROOT}/{{namespace}}/{{flow_id}}"): Operation(
            "updateFlow", "Save a new revision of a flow", _SAVED,
            "Saving the same source again makes no new revision.", _SOURCE, (IF_MATCH,), (400, 404, 412, 413, 422, 504),
        ),
        ("DELETE", f"{_ROOT}/{{namespace}}/{{flow_id}}"): Operation(
            "deleteFlow", "Delete a flow", (Answer((), "Deleted; its executions and revisions stay", 204),), errors=(404, 504),
        ),
        ("DELETE", f"{_ROOT}/{{namespace}}/{{flow_id}}/revisions"): Operation(
            "deleteRevisions", "Delete earlier revisions of a flow", (Answer((), "Deleted", 204),),
            "The latest revision stays, and so does one that an execution runs which has not ended.",
            parameters=(Parameter("revisions", "their numbers, separated by commas", str, required=True),), errors=(400, 404, 409, 422, 504),
        ),
        ("POST", f"{_ROOT}/validate"): Operation(
            "validateFlows", "Validate sources without saving them", json_answer(list[Validated], "One for each document"), "",
            Body((YAML, Content("application/json", dict[str, Any]), Content("multipart/form-data", dict[str, str])),
                 "one or more documents separated by `---`, or parts named `flows`"), errors=(413, 422),
        ),
        ("POST", f"{_ROOT}/import"): Operation(
            "importFlows", "Create or update flows from a file", json_answer(list[str], "Names of rejected documents; empty if all were imported"),
            "", _UPLOAD, (Parameter("failOnError", "import nothing if one flow cannot be saved", bool),), (400, 413, 415, 422, 504),
        ),
        ("POST", f"{_ROOT}/export/by-ids"): Operation(
            "exportFlowsByIds", "Sources as a zip archive", file_answer("application/octet-stream", "flows.zip"), "", _IDS,
            errors=(404, 422),
        ),
        ("DELETE", f"{_ROOT}/delete/by-ids"): Operation("deleteFlowsByIds", "Delete flows", _COUNT, "", _IDS, errors=(422, 504)),
        ("POST", f"{_ROOT}/enable/by-ids"): Operation(
            "enableFlowsByIds", "Enable flows", _COUNT, "Flows that were disabled get a new revision.", _IDS, errors=(404, 422, 504),
        ),
        ("POST", f"{_ROOT}/disable/by-ids"): Operation(
            "disableFlowsByIds", "Disable flows", _COUNT, "Flows that were enabled get a new revision.", _IDS, errors=(404, 422, 504),
        ),
        ("GET", f"{_ROOT}/{{namespace}}/{{flow_id}}/graph"): Operation(
            "generateFlowGraph", "The graph of a flow", json_answer(FlowGraph, "Nodes, edges and clusters"),
            parameters=(REVISION, SUBFLOWS), errors=(400, 404),
        ),
        ("POST", f"{_ROOT}/graph"): Operation(
            "generateFlowGraphFromSource", "The graph of an unsaved source",
            json_answer(FlowGraph, "Nodes, edges and clusters"), "The source must be YAML, but need not be a valid flow.", _SOURCE,
            (SUBFLOWS,), errors=(413, 422),
        ),
        ("GET", f"{_ROOT}/export/by-query"): Operation(
            "exportFlowsByQuery", "Sources as a zip archive", file_answer("application/octet-stream", "flows.zip"),
            parameters=selected(FLOWS), errors=(400, 422),
        ),
        ("GET", f"{_ROOT}/export/by-query/csv"): Operation(
            "exportFlowsAsCsv", "Flows as CSV", file_answer("text/csv", "One line for each flow"), parameters=selected(FLOWS),
            errors=(400, 422),
        ),
        ("DELETE", f"{_ROOT}/delete/by-query"): Operation(
            "deleteFlowsByQuery", "Delete flows that match", _COUNT, _SELECTION, parameters=selected(FLOWS), errors=(400, 422, 504),
        ),
        ("POST", f"{_ROOT}/enable/by-query"): Operation(
            "enableFlowsByQuery", "Enable flows that match", _COUNT, _SELECTION, parameters=selected(FLOWS),
            errors=(400, 422, 504),
        ),
        ("POST", f"{_ROOT}/disable/by-query"): Operation(
            "disableFlowsByQuery", "Disable flows that match", _COUNT, _SELECTION, parameters=selected(FLOWS),
            errors=(400, 422, 504),
        ),
        ("POST", f"{_ROOT}/validate/task"): Operation(
            "validateTask", "Validate one task outside a flow", json_answer(Validated, "The violations, if any"), "", _PART,
            (Parameter("section", "whether it is a task or a trigger", Literal["TASKS", "TRIGGERS"]),), (400, 413, 422),
        ),
        ("POST", f"{_ROOT}/assist"): Operation(
            "assistFlow", "Completions and findings for whoever writes a flow", json_answer(Assistance, "What an editor shows"),
            "The flow need not be valid, nor YAML. Without a place there are only findings. Lines and columns count from 1.",
            json_body(AssistWanted, "the text, and the place of the cursor in it"), (), (400, 413, 422),
        ),
        ("POST", f"{_ROOT}/expressions"): Operation(
            "flowExpressions", "Expressions that a flow offers, by category",
            json_answer(Categories, "For whoever completes texts"), "The flow need not be valid.", _SOURCE,
            (Parameter("taskId", "only what this task sees", str),), (413, 422),
        ),
        ("POST", f"{_ROOT}/validate/trigger"): Operation(
            "validateTrigger", "Validate one trigger outside a flow", json_answer(Validated, "The violations, if any"), "",
            _PART, errors=(413, 422),
        ),
        ("POST", f"{_ROOT}/bulk"): Operation(
            "bulkUpdateFlows", "Save many flows", json_answer(list[FlowWithSource], "The saved flows, then the removed ones"),
            "Nothing is saved unless all flows are valid.", _MANY,
            (Parameter("namespace", "the namespace that all flows must have"),
             Parameter("allowNamespaceChild", "also allow namespaces below `namespace`", bool),
             Parameter("delete", "remove the other flows of `namespace`; default: `true` if `namespace` is given", bool)), (400, 413, 422, 504),
        ),
        ("POST", f"{_ROOT}/{{namespace}}"): Operation(
            "updateFlowsInNamespace", "Replace the flows of a namespace",
            json_answer(list[FlowWithSource], "The saved flows, then the removed ones"), "Nothing is saved unless all flows are valid.",
            _MANY, (Parameter("delete", "remove the other flows of the namespace; default: `true`", bool),), (400, 413, 422, 504),
        ),
    },
)  # fmt: skip
