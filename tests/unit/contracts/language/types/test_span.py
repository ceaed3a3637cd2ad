from contracts.language.types.span import NOTICED, Span, noticed, span_of


def test_a_span_reads_like_the_list_of_its_values():
    span = Span(5, -2, 4, "[", "]")
    assert list(span) == ["[5]", "[3]", "[1]", "[-1]"]
    assert len(span) == 4
    assert span[3] == "[-1]"


def test_a_range_is_a_span_unless_it_is_empty_or_its_integers_are_too_large_for_a_journal():
    assert list(span_of(range(10, 0, -3)) or []) == ["10", "7", "4", "1"]
    assert span_of(range(3, 3)) is None
    assert span_of(range(2**63 - 2, 2**63 - 1)) == Span(2**63 - 2, 1, 1)
    assert span_of(range(2**63, 2**63 + 2)) is None


def test_a_long_list_of_integers_at_equal_distances_is_noticed_and_no_other_list():
    even = list(range(0, 2 * NOTICED, 2))
    assert noticed(even) == range(0, 2 * NOTICED, 2)
    assert noticed(list(reversed(even))) == range(even[-1], -1, -2)
    assert noticed(even[:-1]) is None, "too short"
    assert noticed([*even[:-1], even[-1] + 1]) is None, "one is elsewhere"
    assert noticed([*even, even[-1]]) is None, "one is there twice"
    assert noticed([7] * NOTICED) is None, "all are equal"
    assert noticed([False, True, *range(2, NOTICED)]) is None, "truth is no number"
    assert noticed([float(each) for each in even]) is None
