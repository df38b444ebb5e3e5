"""The real events of Pingshan District, 2018, from the file to the figures: imported, classified, routed, counted."""

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command

from gridmap import actions
from gridmap.models import Department
from incidents import queries
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


@pytest.fixture
def stored(tmp_path: Path) -> list[Incident]:
    """The accepted rows of the real file as cases."""
    file = Path(os.environ["GRIDMAP_REAL_DATA"]) / "incidents" / "pingshan_minsheng_2018_to_sep_gb18030.csv.gz"
    call_command("import_incidents", str(file), "--report", str(tmp_path / "refused.csv"))
    return list(Incident.objects.select_related("klass"))


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
