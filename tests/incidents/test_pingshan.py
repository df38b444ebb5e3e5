"""The real events of Pingshan District, 2018, from the file to the figures: imported, classified, routed, counted."""

import csv
import gzip
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from gridmap import actions
from gridmap.models import Department, Role
from incidents import queries
from incidents.actions import refresh_facts
from incidents.models import Incident, IncidentClass
from incidents.queries.routing import major_of
from incidents.routing import Rule
from incidents.routing.usual import Known, usual_rules
from tests import factories

DISTRICT = "440310"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.real_data,
    pytest.mark.skipif("GRIDMAP_REAL_DATA" not in os.environ, reason="GRIDMAP_REAL_DATA names no folder"),
]


def real_file() -> Path:
    return Path(os.environ["GRIDMAP_REAL_DATA"]) / "incidents" / "pingshan_minsheng_2018_to_sep_gb18030.csv.gz"


@pytest.fixture
def stored(tmp_path: Path) -> list[Incident]:
    """The accepted rows of the real file as cases."""
    call_command("import_incidents", str(real_file()), "--report", str(tmp_path / "refused.csv"))
    return list(Incident.objects.select_related("klass"))


@pytest.fixture
def said(stored: list[Incident], tmp_path: Path) -> list[dict[str, str]]:
    """The accepted rows as they stand in the file, read by nothing of the product: all but the lines of the report."""
    with (tmp_path / "refused.csv").open(encoding="utf-8-sig", newline="") as lines:
        refused = {int(row["line"]) for row in csv.DictReader(lines)}
    with gzip.open(real_file(), "rt", encoding="gb18030", newline="") as lines:
        return [row for number, row in enumerate(csv.DictReader(lines), start=2) if number not in refused]


def put_usual_rules(stored: list[Incident]) -> None:
    """Rules as streets would begin with: each class to the unit that had most of it there, the rest to the street."""
    offices = {
        name: actions.put_department(f"unit-{number}", name=name, name_en=name, area_code=DISTRICT).pk
        for number, name in enumerate(sorted({unit_of(case) for case in stored} - {""}))
    }
    rules: list[Rule] = []
    for street in sorted({case.street for case in stored}):
        own = [case for case in stored if case.street == street]
        known = [Known(klass.key, major_of(klass), units_of(klass, own)) for klass in {case.klass for case in own}]
        territory = actions.put_department(street, name=street, name_en=street, area_code=street).pk
        rules += usual_rules(street, known, {name: (pk, street) for name, pk in offices.items()}, {street: territory})
    factories.put_rules(*(replace(rule, number=n) for n, rule in enumerate(rules, 1)), district=DISTRICT)


def units_of(klass: IncidentClass, cases: list[Incident]) -> tuple[str, ...]:
    """Who had cases of this class, the unit that had most of them first."""
    had = Counter(unit_of(case) for case in cases if case.klass == klass)
    return tuple(name for name, _ in had.most_common() if name)


def unit_of(case: Incident) -> str:
    return case.imported["unit"] if case.imported else ""


def test_every_accepted_event_is_classified_and_routed_with_a_reason(stored: list[Incident]) -> None:
    assert len(stored) == 3801
    assert {case.klass.scheme for case in stored} == {"local:pingshan-2018"}
    put_usual_rules(stored)
    suggest = queries.suggester(DISTRICT)
    names = dict(Department.objects.values_list("pk", "name"))
    said = [suggest(case) for case in stored]
    assert Counter(one["suggested_by"] for one in said) == {"rule": 3776, "territory": 25}
    # The rules know class and street alone. What they name is who had it in the file for 77 % of the events.
    right = [names[one["suggested_id"]] == unit_of(case) for one, case in zip(said, stored, strict=True)]
    assert sum(right) == 2913


@pytest.mark.parametrize(
    ("groups", "column"),
    [
        ("classes", "SUB_TYPE_NAME"),
        ("majors", "MAIN_TYPE_NAME"),
        ("communities", "COMMUNITY_NAME"),
        ("line", "CREATE_TIME"),
    ],
)
def test_the_figures_are_those_of_the_file(said: list[dict[str, str]], groups: str, column: str) -> None:
    """By class, major class, community and month: reported, on time and overdue, each row counted by its own flags."""
    refresh_facts()
    user = factories.user("pingshan", Role.DIRECTOR, DISTRICT)
    answer = factories.Caller(user).get("/statistics?first=2018-01-01&last=2018-12-31&unit=month")
    assert answer.status_code == 200, answer.content
    found = answer.json()
    total = found["total"]
    assert (total["reported"], total["on_time"], total["due"] - total["on_time"]) == (3801, 3324, 475)
    assert counts_of(found[groups]) == counts_in(said, column)


def counts_of(groups: list[dict[str, Any]]) -> dict[str, tuple[int, int, int]]:
    """Reported, on time and overdue of each group, by its Chinese name or its month."""
    found: Counter[tuple[str, int]] = Counter()
    for group in groups:
        name = group["name"] if "name" in group else group["day"][:7]
        for place, count in enumerate((group["reported"], group["on_time"], group["due"] - group["on_time"])):
            found[name, place] += count
    return table(found)


def counts_in(rows: list[dict[str, str]], column: str) -> dict[str, tuple[int, int, int]]:
    found: Counter[tuple[str, int]] = Counter()
    for row in rows:
        name = (
            row[column][:7] if column == "CREATE_TIME" else row[column].rstrip("、")
        )  # one name has a comma left over
        for place, count in enumerate((1, row["INTIME_ARCHIVE_NUM"] == "1", row["OVERTIME_ARCHIVE_NUM"] == "1")):
            found[name, place] += count
    return table(found)


def table(counts: Counter[tuple[str, int]]) -> dict[str, tuple[int, int, int]]:
    return {name: (counts[name, 0], counts[name, 1], counts[name, 2]) for name, place in counts if counts[name, 0]}
