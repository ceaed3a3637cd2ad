import pytest

from contracts.language.flow.parse import parse_flow

SOURCE = """
id: f
namespace: tests
tasks:
  - id: p
    type: io.kestra.plugin.core.flow.Pause
    PROPERTY
"""


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("onResume: [{id: x, type: NONE}]", "tasks[0].onResume[0].type"),
        ("onResume: {id: x}", "tasks[0].onResume"),
        ("onPause: [{id: x}]", "tasks[0].onPause"),
        ("pauseDuration: soon", "tasks[0].pauseDuration"),
        ("duration: PT1S", "tasks[0].duration"),
    ],
)
def test_a_mistake_is_found_where_it_is(written, path):
    parsed = parse_flow(SOURCE.replace("PROPERTY", written), None)
    assert [each.path for each in parsed.errors] == [path]


def test_what_it_asks_for_are_typed_inputs():
    written = "onResume: [{id: x, type: INT, min: 3}, {id: y, type: STRING, required: false}]"
    parsed = parse_flow(SOURCE.replace("PROPERTY", written), None)
    assert parsed.flow is not None
    assert [(each.id, each.type) for each in parsed.flow.tasks[0].asks] == [("x", "INT"), ("y", "STRING")]
