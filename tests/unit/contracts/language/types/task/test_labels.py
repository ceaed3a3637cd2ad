from contracts.language.types.task.labels import Labels, decide


def test_labels_are_an_update_and_wrong_ones_a_failure():
    update = decide(Labels(labels=[{"key": "a", "value": 1}])).update
    assert update is not None
    assert update.labels == {"a": "1"}
    assert "offending label" in (decide(Labels(labels={"system.a": "b"})).failure or "")
