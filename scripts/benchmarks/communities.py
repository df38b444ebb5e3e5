"""`scripts/bench communities`: a street, a district and a large one of uneven made-up communities, merged and divided to a size."""

import time
from dataclasses import replace

from gridmap.partition.communities import Counts, Land, Study, study
from gridmap.partition.sizes import Size
from scripts.benchmarks.live import machine, now
from scripts.support.districts import District, district

HEAD = (
    "area",
    "way",
    "size",
    "before",
    "of the size",
    "after",
    "of the size",
    "merged",
    "divided",
    "together",
    "proven",
    "CPU s",
)


def run() -> None:
    print(f"{now()}, {machine()}\n\n| {' | '.join(HEAD)} |\n{'|---' * len(HEAD)}|", flush=True)
    for name, communities, streets in (("street", 36, 1), ("district", 432, 12), ("large district", 900, 25)):
        ground = district(communities, streets, 1)
        for size in (Size(2000, 3000), Size(1000, 3000)):
            print(_row(name, "merging alone", size, _counted(ground), []), flush=True)
            print(_row(name, "all", size, ground.communities, ground.cells), flush=True)


def _counted(ground: District) -> list[Land]:
    """Communities that say themselves how many live there: without cells there is nothing to divide them along."""
    sums = dict.fromkeys((one.code for one in ground.communities), 0)
    for cell in ground.cells:
        sums[cell.code[:12]] += cell.counts.households or 0
    return [replace(one, counts=Counts(sums[one.code])) for one in ground.communities]


def _row(name: str, way: str, size: Size, communities: list[Land], cells: list[Land]) -> str:
    began = time.process_time()
    found = study(communities, cells, [], size)
    seconds = time.process_time() - began
    _check(found)
    kinds = [change.kind for change, _ in found.changes]
    good = [sum(one.fits == "yes" for one in side) for side in (found.before, found.after)]
    cells_of = (
        name, way, f"{size.least:,}–{size.most:,}", len(found.before), good[0], len(found.after), good[1],
        kinds.count("merge"), kinds.count("split"), kinds.count("recut"), "yes" if found.proven else "no", f"{seconds:.1f}",
    )  # fmt: skip
    return f"| {' | '.join(map(str, cells_of))} |"


def _check(found: Study) -> None:
    """What must always hold is not measured but demanded."""
    assert all(one.shape.geom_type == "Polygon" for one in found.after)
    sums = [sum(one.counts.households or 0 for one in side) for side in (found.before, found.after)]
    assert sums[0] == sums[1]
