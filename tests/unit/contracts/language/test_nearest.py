"""The known words nearest to an unknown one."""

from __future__ import annotations

from contracts.language.nearest import did_you_mean, nearest

KNOWN = ["message", "level", "logLevel", "allowFailure"]


def test_a_slip_of_the_pen_is_near_and_another_word_is_not():
    assert nearest("mesage", KNOWN) == ["message"]
    assert nearest("colour", KNOWN) == []
    assert did_you_mean("mesage", KNOWN) == "Did you mean `message`?"
    assert did_you_mean("colour", KNOWN) == ""


def test_case_does_not_matter():
    assert nearest("ALLOWFAILURE", KNOWN) == ["allowFailure"]


def test_the_best_comes_first_and_no_more_than_wanted():
    assert nearest("levels", ["level", "levels2", "bevel"], 2) == ["levels2", "level"]


def test_among_very_many_words_only_those_with_the_same_first_letter_are_compared():
    many = [f"type{number}" for number in range(6_000)]
    assert nearest("messge", [*many, "message", "essage"]) == ["message"]
