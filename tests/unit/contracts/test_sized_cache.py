"""A cache that is bounded by bytes."""

from __future__ import annotations

import pytest

from contracts.sized_cache import SizedCache


def a_cache(made: list[str]) -> SizedCache[str]:
    def make(text: str) -> str:
        made.append(text)
        return text.upper()

    return SizedCache(1_000, make, lambda text, _: len(text))


def test_the_same_text_is_made_once() -> None:
    made: list[str] = []
    cache = a_cache(made)
    assert [cache.of("a"), cache.of("a")] == ["A", "A"]
    assert made == ["a"]


def test_it_holds_no_more_than_its_bytes() -> None:
    made: list[str] = []
    cache = a_cache(made)
    for number in range(1_000):
        cache.of(f"{number:0100}")
    assert sum(map(len, (*cache.young, *cache._old))) <= 1_000
    cache.of(f"{0:0100}")
    assert made.count(f"{0:0100}") == 2


def test_what_is_asked_for_again_and_again_stays() -> None:
    made: list[str] = []
    cache = a_cache(made)
    for number in range(50):
        cache.of("often")
        cache.of(f"{number:0100}")
    assert made.count("often") == 1


def test_what_is_too_large_is_made_but_not_kept() -> None:
    made: list[str] = []
    cache = a_cache(made)
    assert [cache.of("a" * 101), cache.of("a" * 101)] == ["A" * 101] * 2
    assert len(made) == 2


def test_what_cannot_be_made_is_not_kept() -> None:
    cache: SizedCache[int] = SizedCache(1_000, int, lambda text, _: len(text))
    for _ in range(2):
        with pytest.raises(ValueError, match="invalid literal"):
            cache.of("a")
    cache.of("1")
    cache.clear()
    assert not cache.young
