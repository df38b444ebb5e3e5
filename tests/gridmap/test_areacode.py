"""Area codes: a fixed width per level, so that a prefix is an ancestor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap import areacode

codes = st.sampled_from(areacode.WIDTHS).flatmap(lambda width: st.text("0123456789", min_size=width, max_size=width))
cells = st.text("0123456789", min_size=15, max_size=15)


@given(codes)
def test_the_ancestors_of_a_code_are_its_prefixes_of_a_level(code: str) -> None:
    found = areacode.ancestors(code)
    assert found == [code[:width] for width in (2, 4, 6, 9, 12, 15) if width <= len(code)]
    assert found[-1] == code
    assert [areacode.level_of(ancestor) for ancestor in found] == list(range(1, len(found) + 1))


@given(codes, codes)
def test_one_code_holds_another_exactly_if_it_is_its_prefix(outer: str, inner: str) -> None:
    assert inner.startswith(outer) == (outer in areacode.ancestors(inner))


@given(codes)
def test_going_up_ends_at_the_province(code: str) -> None:
    climbed = [code]
    while parent := areacode.parent_of(climbed[-1]):
        climbed.append(parent)
    assert climbed[::-1] == areacode.ancestors(code)
    assert len(climbed[-1]) == 2


@given(codes, st.integers(1, 6))
def test_the_ancestor_at_a_level_is_there_from_that_level_down(code: str, level: int) -> None:
    found = areacode.ancestor_at(code, level)
    if level <= areacode.level_of(code):
        assert found is not None
        assert code.startswith(found)
        assert areacode.level_of(found) == level
    else:
        assert found is None


@given(codes)
def test_a_stream_is_the_street_or_the_area_above_it(code: str) -> None:
    stream = areacode.stream_of(code)
    assert code.startswith(stream)
    assert areacode.level_of(stream) == min(areacode.level_of(code), areacode.STREET)


@given(st.lists(cells, min_size=1, max_size=5))
def test_the_shared_area_is_the_smallest_that_holds_all(found: list[str]) -> None:
    shared = areacode.shared(found)
    holding = [code for code in areacode.ancestors(found[0]) if all(other.startswith(code) for other in found)]
    assert shared == max(holding, key=len, default=None)


def test_nothing_shares_nothing() -> None:
    assert areacode.shared([]) is None
    assert areacode.shared(["990101001001001", "510502001001001"]) is None


@given(st.text())
def test_only_digits_of_a_known_width_are_a_code(text: str) -> None:
    right = len(text) in areacode.WIDTHS and all(letter in "0123456789" for letter in text)
    assert areacode.is_valid(text) == right
    if not right:
        with pytest.raises(ValueError, match="not an area code"):
            areacode.level_of(text)


@pytest.mark.parametrize("text", ["", "9", "990", "99010", "9901010011", "９９", "²²", "99 ", "-9", "9901010010010011"])
def test_what_only_looks_like_a_code_is_none(text: str) -> None:
    assert not areacode.is_valid(text)
