import pytest

from services.web.core.problem import Problem
from services.web.core.write.token import Wanted, wanted_token

NOW, DAY = 1_800_000_000_000, 86_400_000


def test_a_token_lasts_ninety_days_unless_somebody_says_otherwise():
    assert wanted_token({"name": " ci "}, NOW) == Wanted("ci", "full", NOW + 90 * DAY)
    assert wanted_token({"name": "ci", "scope": "read", "expiresInDays": 1}, NOW).until == NOW + DAY
    assert wanted_token({"name": "ci", "expiresInDays": None}, NOW).until is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": 5},
        {"name": "  "},
        {"name": "a\nb"},
        {"name": "x" * 101},
        {"name": "x", "scope": "admin"},
        {"name": "x", "expiresInDays": 0},
        {"name": "x", "expiresInDays": True},
        {"name": "x", "expiresInDays": 1.5},
        {"name": "x", "expiresInDays": 10**9},
    ],
)
def test_a_wrong_wish_is_refused(body):
    with pytest.raises(Problem) as refused:
        wanted_token(body, NOW)
    assert refused.value.status == 422
