from contracts.language.types.task.resume import Resume, decide


def test_it_names_the_execution_and_what_is_given_to_it():
    update = decide(Resume(execution_id=" e2 ", inputs={"n": 1})).update
    assert update is not None
    assert update.resumes == {"e2": {"n": 1}}
    assert "is no id" in (decide(Resume(execution_id="")).failure or "")
