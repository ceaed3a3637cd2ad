from tests.support.rig.executions import started

SOURCE = """
id: f
namespace: tests
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.EachSequential
    value: ["x", "{{ 1 + 1 }}", {"a": 1}]
    tasks:
      - {id: one, type: io.kestra.plugin.core.log.Log, message: a}
      - {id: two, type: io.kestra.plugin.core.log.Log, message: b}
"""


def test_one_value_follows_the_other():
    rig = started(SOURCE)
    seen = []
    while rig.out():
        assert len(rig.out()) == 1
        seen += rig.out()
        rig.report(rig.out()[0])
    assert seen == ["one[x]", "two[x]", "one[2]", "two[2]", 'one[{"a":1}]', 'two[{"a":1}]']
    assert rig.state() == "SUCCESS"


def test_no_values_are_a_success():
    assert started(SOURCE.replace('["x", "{{ 1 + 1 }}", {"a": 1}]', "'[]'")).state() == "SUCCESS"


def test_a_null_fails():
    rig = started(SOURCE.replace('"x"', "null"))
    assert "Found '1' null values on Each" in rig.run("each").message


def test_the_values_are_shown_as_kestra_shows_them():
    values = '["1", null, true, {"key": "my-key", "list": [1.5, "x"]}]'
    rig = started(SOURCE.replace('["x", "{{ 1 + 1 }}", {"a": 1}]', values))
    assert rig.run("each").message == (
        "Found '1' null values on Each, with values=[1, null, true, {key=my-key, list=[1.5, x]}]"
    )
