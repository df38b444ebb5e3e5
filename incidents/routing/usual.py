"""A first set of rules, made from the usual handlers of the catalogue.

A major class goes to whoever handles most of its classes; a class that somebody else handles has a rule of its own; the
rest is the territory's. Pure: no Django, no database.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from incidents.routing.rules import Rule


@dataclass(frozen=True, slots=True)
class Known:
    """A class in force with the names of its usual handlers, the first one first."""

    key: str
    major: str
    handlers: tuple[str, ...]


def usual_rules(
    district: str, classes: Iterable[Known], departments: Mapping[str, tuple[int, str]], streets: Mapping[str, int]
) -> list[Rule]:
    """Rules for a district: `departments` (number, area served) by handler name, `streets` with their fallback department.

    A department that serves only a part of the district gets its rules there.
    """
    by_major: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for known in sorted(classes, key=lambda one: one.key):
        office = next((departments[name][0] for name in known.handlers if name in departments), None)
        if office is not None:
            by_major[known.major][known.key] = office
    served = {number: max(area, district, key=len) for number, area in departments.values()}
    rows: list[tuple[str, str, str, int, bool]] = []
    for major, offices in sorted(by_major.items()):
        most = Counter(offices.values()).most_common(1)[0][0]
        rows.append((served[most], "", major, most, False))
        rows += [(served[office], key, "", office, False) for key, office in offices.items() if office != most]
    rows += [(street, "", "", office, True) for street, office in sorted(streets.items())]
    return [
        Rule(number, area, office, key, major, territory=territory)
        for number, (area, key, major, office, territory) in enumerate(rows, 1)
    ]
