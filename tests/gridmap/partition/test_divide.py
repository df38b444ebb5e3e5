"""Communities divided along their cells: beside all divisions that there are, tried one by one."""

from collections.abc import Iterator
from itertools import permutations, product

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.partition.divide import EVEN, KEEP, Border, Unit, divide, ways
from gridmap.partition.sizes import Size


def lattice(wide: int, high: int, homes: int, seed: int) -> tuple[list[Unit], list[Border]]:
    """Cells in rows; communities are bands of columns."""
    chance = np.random.default_rng(seed)
    units = [Unit(int(chance.integers(200, 600)), at % wide * homes // wide) for at in range(wide * high)]
    borders = [(at, at + 1, int(chance.integers(50, 400))) for at in range(wide * high) if (at + 1) % wide]
    borders += [(at, at + wide, int(chance.integers(50, 400))) for at in range(wide * (high - 1))]
    return units, borders


def sizes_of(units: list[Unit], parts: tuple[int, ...] | list[int], k: int) -> list[int]:
    return [sum(unit.size for unit, part in zip(units, parts, strict=True) if part == one) for one in range(k)]


def in_pieces(units: list[Unit], borders: list[Border], parts: tuple[int, ...] | list[int]) -> bool:
    graph = nx.Graph((one, two) for one, two, _ in borders)
    graph.add_nodes_from(range(len(units)))
    return all(
        nx.is_connected(graph.subgraph([at for at, part in enumerate(parts) if part == one])) for one in set(parts)
    )


def cost_of(units: list[Unit], borders: list[Border], parts: tuple[int, ...], heirs: tuple[int, ...]) -> float:
    """As it is weighed, counted anew: borders from both sides, and everything else twice."""
    k = len(heirs)
    mean = sum(unit.size for unit in units) / k
    moved = sum(unit.size for unit, part in zip(units, parts, strict=True) if heirs[part] != unit.home)
    cut = sum(metres for one, two, metres in borders if parts[one] != parts[two])
    return 2 * cut + 2 * KEEP * moved + 2 * EVEN * sum(round(abs(size - mean)) for size in sizes_of(units, parts, k))


def heirs_of(units: list[Unit], parts: tuple[int, ...], k: int) -> Iterator[tuple[int, ...]]:
    """Every way in which parts could go on as communities: as many as can, each where it has a cell."""
    homes = max(unit.home for unit in units) + 1
    for heirs in set(permutations([*range(homes), *[-1] * k], k)):
        own = [heir for heir in heirs if heir >= 0]
        has = all(
            any(unit.home == heir and part == one for unit, part in zip(units, parts, strict=True))
            for one, heir in enumerate(heirs) if heir >= 0
        )  # fmt: skip
        if has and len(own) == len(set(own)) == min(homes, k):
            yield heirs


def best_by_trying(units: list[Unit], borders: list[Border], k: int, size: Size) -> float | None:
    found = None
    for parts in product(range(k), repeat=len(units)):
        if set(parts) == set(range(k)) and all(map(size.fits, sizes_of(units, parts, k))):
            if not in_pieces(units, borders, parts):
                continue
            for heirs in heirs_of(units, parts, k):
                cost = cost_of(units, borders, parts, heirs)
                found = cost if found is None else min(found, cost)
    return found


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("k", "homes"), [(2, 1), (2, 2), (3, 2), (2, 3)])
def test_a_small_division_is_the_best_of_all_or_proven_impossible(seed: int, k: int, homes: int) -> None:
    units, borders = lattice(4, 2, homes, seed)
    total = sum(unit.size for unit in units)
    for size in (Size(total // k - 400, total // k + 400), Size(total // k - 60, total // k + 60)):
        found = divide(units, borders, k, size)
        best = best_by_trying(units, borders, k, size)
        assert found.proven
        assert (best is None) == (not found.parts)
        if found.parts:
            assert cost_of(units, borders, tuple(found.parts), tuple(found.heirs)) == best


@given(
    wide=st.integers(2, 7),
    high=st.integers(1, 6),
    homes=st.integers(1, 3),
    k=st.integers(2, 6),
    seed=st.integers(0, 999),
)
@settings(deadline=None, max_examples=30)
def test_parts_are_of_the_size_each_in_one_piece_and_take_every_cell(
    wide: int, high: int, homes: int, k: int, seed: int
) -> None:
    units, borders = lattice(wide, high, min(homes, wide), seed)
    mean = sum(unit.size for unit in units) // k
    size = Size(max(1, mean * 3 // 4), mean * 5 // 4)
    found = divide(units, borders, k, size)
    if found.parts:
        assert len(found.parts) == len(units)
        assert all(map(size.fits, sizes_of(units, found.parts, k)))
        assert in_pieces(units, borders, found.parts)
        assert len(found.heirs) == k
        assert found == divide(units, borders, k, size)


def test_what_arithmetic_allows() -> None:
    """3,001 to 3,999 households are no communities of 2,000 to 3,000."""
    size = Size(2000, 3000)
    assert [total for total in range(2000, 7001) if not ways(total, size)] == list(range(3001, 4000))
    assert list(ways(6500, size)) == [3]


def test_of_very_many_cells_the_smallest_are_joined_and_nothing_is_claimed() -> None:
    units, borders = lattice(9, 8, 1, 3)
    found = divide(units, borders, 9, Size(2000, 4500))
    assert all(2000 <= one <= 4500 for one in sizes_of(units, found.parts, 9))
    assert in_pieces(units, borders, found.parts)
    assert not found.proven


def test_two_pieces_that_do_not_touch_are_never_one_part() -> None:
    units = [Unit(500, 0), Unit(500, 0), Unit(500, 0), Unit(500, 0)]
    found = divide(units, [(0, 1, 100), (2, 3, 100)], 2, Size(900, 1100))
    assert found.parts[0] == found.parts[1] != found.parts[2] == found.parts[3]
    assert divide(units, [(0, 1, 100), (2, 3, 100)], 1, Size(100, 3000)).parts == []
