from services.web.core.problem import BulkProblem, Violation, invalid_entity, not_found


def test_both_envelopes_are_in_one():
    body = invalid_entity("x", (Violation("unknown type", "tasks[0].type", 3, 5),)).body("/api/v1/main/flows")
    assert body["status"] == 422
    assert body["message"] == body["detail"] == "Invalid entity: x"
    assert body["errors"] == [
        {
            "detail": "unknown type",
            "pointer": "#/tasks/0/type",
            "type": "constraint-violation",
            "line": 3,
            "column": 5,
        }
    ]
    assert body["_embedded"]["errors"][0]["path"] == "tasks[0].type"
    assert body["_links"]["self"]["href"] == body["instance"] == "/api/v1/main/flows"


def test_a_bulk_refusal_names_each_id():
    body = BulkProblem("kill", [("a", "gone")]).body("/x")
    assert (body["status"], body["message"]) == (400, "invalid bulk kill")
    assert body["invalids"] == [{"message": "gone", "invalidValue": "a"}]


def test_not_found_says_what_when_it_can():
    assert not_found().detail == "Not Found"
    assert not_found("Flow not found").detail == "Not Found: Flow not found"
