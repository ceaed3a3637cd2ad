import pytest

from contracts.reply import Reply
from services.web.core.problem import Problem
from services.web.core.write.flow import (
    as_yaml,
    head_of,
    read_flow,
    refusal,
    same_flow,
    validation_line,
    with_disabled,
)
from toccata.plugins.host.catalog import PluginCatalog

CATALOG = PluginCatalog.load()
GOOD = (
    "id: a\nnamespace: company\ntasks:\n  - id: l\n    type: io.kestra.plugin.core.log.Log\n    message: hi\n"
)
BAD = "id: b\nnamespace: company\n"


def test_a_good_flow_is_read():
    flow = read_flow(GOOD, CATALOG)
    assert (flow.namespace, flow.flow_id, flow.source) == ("company", "a", GOOD)


@pytest.mark.parametrize(
    "source",
    [BAD, "id: [unclosed", GOOD + "foo: bar\n", GOOD.replace("log.Log", "not.There"), "", "- 1"],
)
def test_a_bad_flow_is_refused_with_the_places(source):
    with pytest.raises(Problem) as problem:
        read_flow(source, CATALOG)
    assert problem.value.status == 422
    assert problem.value.violations
    assert problem.value.detail.startswith("Invalid entity: ")


def test_validation_never_fails_and_says_what_is_wrong():
    good, bad = validation_line(0, GOOD, CATALOG, None), validation_line(1, BAD, CATALOG, None)
    assert "constraints" not in good
    assert good == {
        "index": 0, "namespace": "company", "flow": "a", "outdated": False,
        "deprecationPaths": [], "warnings": [], "infos": [], "violations": [],
    }  # fmt: skip
    assert bad["constraints"].startswith("Validation error: ")
    assert (bad["namespace"], bad["flow"]) == ("company", "b")


def test_a_revision_below_the_stored_one_is_outdated():
    assert validation_line(0, "revision: 1\n" + GOOD, CATALOG, 2)["outdated"]


def test_json_becomes_yaml_in_the_same_order():
    assert as_yaml(b'{"id":"a","namespace":"b"}', "application/json") == "id: a\nnamespace: b\n"
    with pytest.raises(Problem):
        as_yaml(b"{", "application/json")
    with pytest.raises(Problem):
        as_yaml(b"\xff", "application/x-yaml")


@pytest.mark.parametrize(
    ("code", "status"), [("exists", 422), ("missing", 404), ("conflict", 412), ("invalid", 422)]
)
def test_refusals_of_the_registry_have_their_status(code, status):
    problem = refusal(Reply(request_id="r", accepted=False, at=0, code=code))
    assert problem is not None
    assert problem.status == status


def test_what_was_accepted_is_no_problem():
    assert refusal(Reply(request_id="r", accepted=True, at=0)) is None


def test_an_update_renames_nothing():
    flow = read_flow(GOOD, CATALOG)
    same_flow(flow, "company", "a")
    with pytest.raises(Problem) as problem:
        same_flow(flow, "other", "b")
    assert [v.path for v in problem.value.violations] == ["flow.id", "flow.namespace"]


def test_the_head_of_a_bad_flow_is_still_read():
    assert head_of(BAD) == ("company", "b")
    assert head_of("- 1") is None


def test_disabling_touches_one_line_only():
    source = "id: hello\nnamespace: company\ndescription: Says hello\n"
    off = with_disabled(source, disabled=True)
    assert off == source + "disabled: true\n"
    assert with_disabled(off, disabled=False) == source + "disabled: false\n"
    assert with_disabled(source, disabled=False) == source
