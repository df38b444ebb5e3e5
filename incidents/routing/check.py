"""Whether a set of rules holds: no gap over cells × classes, no overlap, nothing that ended.

Gaps are found from the top of the tree of areas down: a prefix that its rules cover is not looked into, one without
rules below it is a gap as a whole. Classes that the same rules concern are treated together.
Pure: no Django, no database.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations

from incidents.routing.rules import ALL_YEAR, Rule


@dataclass(frozen=True, slots=True)
class Office:
    """A department as rules need it: the area that it serves, and whether it ended."""

    area: str
    ended: bool = False


@dataclass(frozen=True)
class Facts:
    """What is in force in a district: codes of areas, classes with their major class, departments; and what ended."""

    district: str
    areas: frozenset[str]
    classes: Mapping[str, str]
    departments: Mapping[int, Office]
    ended_areas: frozenset[str] = frozenset()
    ended_classes: frozenset[str] = frozenset()
    children: Mapping[str, Sequence[str]] = field(init=False)
    cells: Sequence[str] = field(init=False)

    def __post_init__(self) -> None:
        below: defaultdict[str, set[str]] = defaultdict(set)
        known = sorted(self.areas)
        for code in known:
            for upper, lower in ((6, 9), (9, 12), (12, 15)):
                if lower <= len(code):
                    below[code[:upper]].add(code[:lower])
        object.__setattr__(self, "children", {code: sorted(codes) for code, codes in below.items()})
        object.__setattr__(self, "cells", [code for code in known if len(code) == 15])

    def cells_in(self, area: str) -> int:
        """How many cells in force lie in an area."""
        return bisect_left(self.cells, area + ":") - bisect_left(self.cells, area)


class Trouble(StrEnum):
    """Why a rule cannot do its work."""

    AREA_OUTSIDE = "area_outside"
    AREA_ENDED = "area_ended"
    AREA_UNKNOWN = "area_unknown"
    CLASS_ENDED = "class_ended"
    CLASS_UNKNOWN = "class_unknown"
    DEPARTMENT_ENDED = "department_ended"
    DEPARTMENT_UNKNOWN = "department_unknown"
    DEPARTMENT_ELSEWHERE = "department_elsewhere"


@dataclass(frozen=True, slots=True)
class Gap:
    """Classes that have no department in an area, in the hours of `missing` (one bit for each hour of each month)."""

    area: str
    classes: tuple[str, ...]
    cells: int
    missing: int = ALL_YEAR

    @property
    def always(self) -> bool:
        return self.missing == ALL_YEAR


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two rules of equal rank that can both match one case."""

    first: Rule
    second: Rule


@dataclass(frozen=True, slots=True)
class Report:
    """What is wrong with a set. `left` is no fault: what no rule names, and the territory takes."""

    gaps: tuple[Gap, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    troubles: Mapping[int, Trouble] = field(default_factory=dict)
    left: tuple[Gap, ...] = ()

    @property
    def clean(self) -> bool:
        return not (self.gaps or self.overlaps or self.troubles)


def check(rules: Sequence[Rule], facts: Facts) -> Report:
    """The whole check of a set. A rule that names something that ended covers nothing."""
    found = troubles(rules, facts)
    sound = [rule for rule in rules if rule.number not in found]
    own = [rule for rule in sound if not rule.territory]
    left = uncovered(own, facts)
    return Report(uncovered(sound, facts) if left else (), overlaps(rules), found, left)


def troubles(rules: Iterable[Rule], facts: Facts) -> dict[int, Trouble]:
    """Which rules, by number, name an area, class or department that is unknown, has ended, or lies elsewhere."""
    majors = set(facts.classes.values())
    found = {rule.number: _trouble(rule, facts, majors) for rule in rules}
    return {number: trouble for number, trouble in found.items() if trouble}


def _trouble(rule: Rule, facts: Facts, majors: set[str]) -> Trouble | None:
    office = facts.departments.get(rule.department)
    wrong = {
        Trouble.AREA_OUTSIDE: not rule.area.startswith(facts.district),
        Trouble.AREA_ENDED: rule.area in facts.ended_areas,
        Trouble.AREA_UNKNOWN: rule.area not in facts.areas,
        Trouble.CLASS_ENDED: rule.class_key in facts.ended_classes,
        Trouble.CLASS_UNKNOWN: bool(rule.class_key and rule.class_key not in facts.classes)
        or bool(rule.major and rule.major not in majors),
        Trouble.DEPARTMENT_UNKNOWN: office is None,
        Trouble.DEPARTMENT_ENDED: office is not None and office.ended,
        Trouble.DEPARTMENT_ELSEWHERE: office is not None and not rule.area.startswith(office.area),
    }
    return next((trouble for trouble, so in wrong.items() if so), None)


def overlaps(rules: Iterable[Rule]) -> tuple[Overlap, ...]:
    """Pairs of equal rank that can match the same case: same area and class, answers that agree, hours in common."""
    same: defaultdict[tuple[object, ...], list[Rule]] = defaultdict(list)
    for rule in sorted(rules, key=lambda rule: rule.number):
        same[rule.rank, rule.area, rule.class_key, rule.major].append(rule)
    pairs = (pair for group in same.values() for pair in combinations(group, 2))
    return tuple(Overlap(a, b) for a, b in pairs if _agree(a, b) and a.when.mask & b.when.mask)


def _agree(one: Rule, other: Rule) -> bool:
    theirs = dict(other.answers)
    return all(theirs.get(key, value) == value for key, value in one.answers)


def uncovered(rules: Sequence[Rule], facts: Facts) -> tuple[Gap, ...]:
    """What no rule of these covers whatever the answers, as prefixes × classes (× hours where only some are missing)."""
    sure = [rule for rule in rules if not rule.answers]
    alike: defaultdict[tuple[Rule, ...], list[str]] = defaultdict(list)
    for key, its in _by_class(sure, facts).items():
        alike[its].append(key)
    found: list[Gap] = []
    for its, classes in alike.items():
        masks: defaultdict[str, int] = defaultdict(int)
        for rule in its:
            masks[rule.area] |= rule.when.mask
        holes = _holes(facts.district, 0, masks, sorted(masks), facts)
        found += [Gap(area, tuple(classes), facts.cells_in(area), missing) for area, missing in holes]
    return tuple(found)


def _by_class(rules: Sequence[Rule], facts: Facts) -> dict[str, tuple[Rule, ...]]:
    """The rules that concern each class in force."""
    named: defaultdict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        named[rule.class_key or rule.major].append(rule)
    return {key: tuple(named[""] + named[major] + named[key]) for key, major in facts.classes.items()}


def _holes(
    area: str, above: int, masks: Mapping[str, int], ruled: Sequence[str], facts: Facts
) -> list[tuple[str, int]]:
    covered = above | masks.get(area, 0)
    if covered == ALL_YEAR or not facts.cells_in(area):
        return []
    place = bisect_left(ruled, area)
    below = ruled[place + (place < len(ruled) and ruled[place] == area) :][:1]
    if not below or not below[0].startswith(area):
        return [(area, ALL_YEAR & ~covered)]
    children = facts.children.get(area, ())
    return [hole for child in children for hole in _holes(child, covered, masks, ruled, facts)]
