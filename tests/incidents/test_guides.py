"""The public guides are made from the procedure itself: what is in force today, in this area, and nothing else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from incidents import guides
from incidents.clock import Calendar
from incidents.models import IncidentClass, Procedure
from incidents.procedure import Table
from tests import factories
from tests.factories import COMMUNITY, MATTER, OTHER_STREET, STREET, Town
from tests.incidents.residents import Resident

KIND = MATTER.rsplit("/", 1)[1]
GUIDE = {
    "basis": "条例第三条",
    "basis_en": "Article 3",
    "conditions": "住在本街道",
    "conditions_en": "",
    "materials": [{"name": "申请书", "name_en": "Application"}],
}


def row(key: str, limit: str = "1d", **results: str) -> dict[str, Any]:
    return {"key": key, "name": key, "level": "street", "role": "director", "limit": limit, "results": results}


@pytest.fixture
def procedure(town: Town) -> Procedure:
    made = factories.put_procedure([row("one", approve="two", supplement=""), row("two", finish="")])
    made.versions.update(guide=GUIDE)
    return made


@pytest.mark.django_db
def test_a_guide_says_basis_conditions_materials_procedure_and_limits(procedure: Procedure) -> None:
    """依据、条件、材料、程序、时限, as the version in force has them."""
    page = Resident().get(f"/guides/{KIND}").json()
    assert page["guide"] == GUIDE
    assert [(stage["name"], stage["limit"]) for stage in page["stages"]] == [("one", "1d"), ("two", "1d")]
    assert page["may_come"] == ["supplement"]
    assert page["end_by"] > str(timezone.localdate())
    assert "role" not in page["stages"][0]


@pytest.mark.django_db
def test_a_draft_and_what_begins_tomorrow_are_not_told(procedure: Procedure) -> None:
    procedure.versions.create(number=2, stages=[row("draft", finish="")])
    tomorrow = timezone.localdate() + timedelta(days=1)
    procedure.versions.create(number=3, stages=[row("later", finish="")], valid_from=tomorrow)
    assert [stage["key"] for stage in Resident().get(f"/guides/{KIND}").json()["stages"]] == ["one", "two"]
    procedure.versions.filter(number=3).update(valid_from=timezone.localdate())
    assert [stage["key"] for stage in Resident().get(f"/guides/{KIND}").json()["stages"]] == ["later"]


@pytest.mark.django_db
def test_an_area_reads_its_own_procedure_and_another_none(procedure: Procedure) -> None:
    own = Procedure.objects.create(klass=procedure.klass, area_code=COMMUNITY)
    own.versions.create(number=1, stages=[row("own", finish="")], valid_from=timezone.localdate())
    anna = Resident()
    assert [s["key"] for s in anna.get(f"/guides/{KIND}?area={COMMUNITY}").json()["stages"]] == ["own"]
    assert [s["key"] for s in anna.get(f"/guides/{KIND}?area={STREET}").json()["stages"]] == ["one", "two"]
    assert anna.get(f"/guides/{KIND}?area={OTHER_STREET}").json()["code"] == "no_guide"
    assert anna.get(f"/guides?area={OTHER_STREET}").json() == []
    assert [kind["kind"] for kind in anna.get("/guides").json()] == [KIND]


@pytest.mark.django_db
def test_a_kind_that_ended_or_has_no_procedure_has_no_guide(procedure: Procedure) -> None:
    IncidentClass.objects.filter(pk=procedure.klass_id).update(valid_to=timezone.localdate() - timedelta(days=1))
    anna = Resident()
    for kind in (KIND, "0110", "nothing"):
        answer = anna.get(f"/guides/{kind}")
        assert (answer.status_code, answer.json()["code"]) == (404, "no_guide")
    assert anna.get("/guides").json() == []


NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
STAGE_ROWS = st.lists(st.sampled_from(["", "30m!", "4h", "2d"]), min_size=1, max_size=5)


@given(STAGE_ROWS)
def test_the_end_is_that_of_one_limit_after_the_other_and_unknown_where_one_has_none(limits: list[str]) -> None:
    last = len(limits) - 1
    table = Table.read(
        row(str(n), limit, **({"finish": ""} if n == last else {"approve": str(n + 1)}))
        for n, limit in enumerate(limits)
    )
    way = [table.first, *guides.ahead(table, "0")]
    assert [stage.key for stage in way] == [str(n) for n in range(len(limits))]
    ends = [guides.end_by(NOW, way[: n + 1], Calendar.shipped()) for n in range(len(way))]
    assert (ends[-1] is None) == ("" in limits)
    known = [end for end in ends if end]
    assert known == sorted(known)


def test_a_way_that_goes_round_ends_where_it_was_before() -> None:
    table = Table.read([row("one", approve="two"), row("two", approve="one", finish="")])
    assert [stage.key for stage in guides.ahead(table, "one")] == ["two"]
