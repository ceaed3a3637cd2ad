"""The parts of a TABLE and of an OBJECT: declared, typed, checked, and named by their path."""

import pytest

from contracts.language.flow.input_parts import fitted
from contracts.language.flow.parse import parse_flow
from tests.unit.contracts.language.flow.catalog_of_types import FewTypes

FLOW = """id: f
namespace: company.team
tasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: a}]
inputs:
  - id: disks
    type: TABLE
    COLUMNS
"""
COLUMNS = """columns:
      - {id: size_gb, type: INT, min: 10, max: 2048}
      - {id: kind, type: SELECT, values: [ssd, hdd]}
      - {id: note, type: STRING, required: false}"""


def parsed(columns=COLUMNS, kind="TABLE"):
    return parse_flow(FLOW.replace("COLUMNS", columns).replace("TABLE", kind), FewTypes())


def declared(**fields):
    flow = parsed(**fields).flow
    assert flow is not None
    return flow.inputs[0]


def test_each_cell_has_the_type_of_its_column():
    rows = [{"size_gb": "10", "kind": "ssd", "other": 1}, {"size_gb": 20, "kind": "hdd", "note": 5}]
    assert fitted(declared(), rows) == (
        [
            {"size_gb": 10, "kind": "ssd", "note": None},
            {"size_gb": 20, "kind": "hdd", "note": "5"},
        ],
        [],
    )


def test_each_wrong_cell_is_named_with_its_path():
    rows = [
        {"size_gb": 100, "kind": "ssd"},
        {"size_gb": 4096, "kind": "tape"},
        {"kind": "ssd"},
        {"size_gb": "x", "kind": "ssd"},
    ]
    causes = fitted(declared(), rows)[1]
    assert [cause.split(":")[0] for cause in causes] == [
        "disks[1].size_gb",
        "disks[1].kind",
        "disks[2].size_gb",
        "disks[3].size_gb",
    ]
    assert causes[2] == "disks[2].size_gb: missing required value"


def test_an_object_has_the_same_parts_once():
    one = declared(columns=COLUMNS.replace("columns", "properties"), kind="OBJECT")
    assert fitted(one, {"size_gb": "12", "kind": "ssd"})[0] == {"size_gb": 12, "kind": "ssd", "note": None}
    assert fitted(one, {"kind": "ssd"})[1] == ["disks.size_gb: missing required value"]


@pytest.mark.parametrize(
    ("columns", "path", "says"),
    [
        ("columns: []", "inputs[0].columns", "must not be empty"),
        ("rows: {min: 1}", "inputs[0].columns", "must not be null"),
        ("columns: [{id: a, type: FILE}]", "inputs[0].columns[0].type", "must be one of"),
        ("columns: [{id: a, type: TABLE}]", "inputs[0].columns[0].type", "must be one of"),
        ("columns: [{id: a, type: WORD}]", "inputs[0].columns[0].type", "Invalid type: WORD"),
        ("columns: [{id: a, type: INT, defaults: 1}]", "inputs[0].columns[0].defaults", "not for a part"),
        ("columns: [{type: INT}]", "inputs[0].columns[0].id", "must not be null"),
        ("columns: [{id: a, type: INT, most: 1}]", "inputs[0].columns[0].most", "Unrecognized field"),
        ("columns: [{id: a, type: INT}, {id: a, type: INT}]", "inputs[0].columns[1].id", "Duplicate input"),
        ("columns: [{id: a, type: INT}]\n    rows: {min: -1}", "inputs[0].rows.min", "greater than or equal"),
        (
            "columns: [{id: a, type: INT}]\n    defaults: [{a: x}]",
            "inputs[0].defaults",
            "Invalid value for input `disks`. Cause: disks[0].a",
        ),
    ],
)
def test_what_is_wrong_with_a_declaration_is_named_with_its_place(columns, path, says):
    (error,) = parsed(columns).errors
    assert error.path == path
    assert says in error.message
