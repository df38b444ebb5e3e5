"""Report = query: forms are asked of the register, as far as their user may see, kept, and asked again by the clock."""

import csv
from datetime import date, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from gridmap import forms
from gridmap.actions.forms import ask_due
from gridmap.denylist import forbidden
from gridmap.models import FormResult, Household, SavedForm, StreamEvent
from gridmap.register.kinds import KINDS
from tests.factories import CELL, COMMUNITY, NEXT_CELL, OTHER_CELL, STREET, Caller, Town
from tests.gridmap.register.records import building, dwelling, household

SUMS = {"kind": "household", "groups": ["cell"], "sums": ["size", "over_80"]}
LIST = {"kind": "household", "columns": ["title", "size"]}


@pytest.fixture
def homes(town: Town) -> Town:
    """Three households in two cells of one community, and one in the next street."""
    sizes = {
        CELL: (town.worker, "3幢", (3, 2)),
        NEXT_CELL: (town.second_worker, "4幢", (4,)),
        OTHER_CELL: (town.other_worker, "3幢", (9,)),
    }
    for cell, (caller, name, persons) in sizes.items():
        house = building(caller, name, cell)
        for number, size in enumerate(persons, 501):
            household(caller, dwelling(caller, house["id"], str(number))["id"], size=size)
    return town


def asked(
    caller: Caller, form: dict[str, Any], area: str = STREET, *, expect: int = 200, language: str = "zh"
) -> dict[str, Any]:
    answer = caller.post("/forms/ask", {"area": area, "form": form}, language)
    assert answer.status_code == expect, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def kept(caller: Caller, form: dict[str, Any], area: str = STREET, *, expect: int = 201, **more: Any) -> dict[str, Any]:
    answer = caller.post("/forms", {"id": str(uuid4()), "name": "人口统计", "area": area, "form": form, **more})
    assert answer.status_code == expect, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found


def test_households_are_counted_and_added_up_by_cell(homes: Town) -> None:
    found = asked(homes.director, SUMS)
    assert found["head"] == ["网格", "数量", "人数", "80 岁以上"]
    assert found["rows"] == [[f"第一网格 {CELL}", 2, 5, 0], [f"第二网格 {NEXT_CELL}", 1, 4, 0]]
    assert asked(homes.director, SUMS, language="en")["head"] == ["Cell", "Number", "Persons", "80 or older"]
    assert asked(homes.director, {"kind": "household"}) == {"head": ["数量"], "rows": [[3]], "more": False}


def test_a_form_counts_only_where_its_user_reports(homes: Town) -> None:
    assert [row[1] for row in asked(homes.other_director, SUMS, area="990101")["rows"]] == [1]
    assert asked(homes.other_director, SUMS, area=STREET)["rows"] == []
    assert [row[1] for row in asked(homes.community, SUMS, area="99")["rows"]] == [2, 1]


def test_a_list_shows_records_only_to_who_may_see_them_one_by_one(homes: Town) -> None:
    """Others than those who serve a cell see sums of households, not at which address how many live."""
    assert sorted(asked(homes.community, LIST)["rows"]) == [["3幢 501", 3], ["3幢 502", 2], ["4幢 501", 4]]
    assert asked(homes.director, LIST)["rows"] == []
    assert asked(homes.planner, {"kind": "place", "columns": ["title"]})["rows"] == []
    assert asked(homes.worker, LIST, expect=403)["code"] == "forbidden"


def test_filters_and_groups_speak_of_fields_and_choices_by_name(homes: Town) -> None:
    by_kind = {"kind": "place", "groups": ["community", "kind"]}
    assert asked(homes.director, by_kind)["rows"] == [
        [f"江岸社区 {COMMUNITY}", "楼栋", 2],
        [f"江岸社区 {COMMUNITY}", "住房", 3],
    ]
    large = {"field": "size", "operator": "least", "value": "3"}
    assert asked(homes.director, SUMS | {"filters": [large]})["rows"] == [
        [f"第一网格 {CELL}", 1, 3, 0], [f"第二网格 {NEXT_CELL}", 1, 4, 0]
    ]  # fmt: skip
    for operator, count in (("empty", 5), ("filled", 0)):
        unused = {"kind": "place", "filters": [{"field": "use", "operator": operator}]}
        assert asked(homes.director, unused)["rows"] == [[count]]
    dwellings = {"kind": "place", "filters": [{"field": "kind", "operator": "is", "value": "dwelling"}]}
    assert asked(homes.director, dwellings)["rows"] == [[3]]


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        ({"groups": ["title"]}, "groups"),
        ({"groups": ["cell", "cell"]}, "groups"),
        ({"sums": ["label"]}, "sums"),
        ({"columns": ["place"]}, "columns"),
        ({"filters": [{"field": "natural_key", "operator": "is", "value": "x"}]}, "filters"),
        ({"filters": [{"field": "label", "operator": "least", "value": "1"}]}, "filters"),
        ({"filters": [{"field": "size", "operator": "is", "value": "1; drop table"}]}, "filters"),
        ({"filters": [{"field": "size", "operator": "is", "value": "--5"}]}, "filters"),
        ({"filters": [{"field": "size", "operator": "is", "value": "²"}]}, "filters"),
        ({"filters": [{"field": "size", "operator": "is", "value": ""}]}, "filters"),
    ],
)
def test_what_no_form_can_ask_is_refused(homes: Town, form: dict[str, Any], fault: str) -> None:
    assert set(asked(homes.director, {"kind": "household", **form}, expect=422)["fields"]) == {fault}


def test_nothing_that_a_form_can_ask_is_of_a_person() -> None:
    asked = [forms.Form(kind.name, columns=(name,)) for kind in KINDS.values() for name in forms.listable(kind)]
    words = [word for form in asked for word in forms.head(form, "zh")]
    assert len(words) > 20
    assert [word for word in words if forbidden(word) or "姓名" in word] == []


def test_an_export_stands_in_the_log_before_it_leaves(homes: Town) -> None:
    body = {"area": STREET, "form": SUMS, "format": "csv"}
    answer = homes.director.post("/forms/export", body)
    table = list(csv.reader(StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert table == [
        ["网格", "数量", "人数", "80 岁以上"],
        [f"第一网格 {CELL}", "2", "5", "0"],
        [f"第二网格 {NEXT_CELL}", "1", "4", "0"],
    ]
    event = StreamEvent.objects.get(kind="form.exported")
    assert event.payload == {"record": "household", "lists": False, "format": "csv", "rows": 2}
    book = homes.director.post("/forms/export", body | {"format": "xlsx"})
    assert b"".join(book.streaming_content)[:2] == b"PK"
    book.close()


def test_a_form_is_shared_with_all_who_report_in_its_area(homes: Town) -> None:
    made = kept(homes.director, SUMS)
    assert [one["id"] for one in homes.planner.get("/forms").json()["forms"]] == [made["id"]]
    assert homes.community.get("/forms").json()["forms"] == []  # it speaks of the whole street
    assert homes.other_director.get("/forms").json()["forms"] == []
    assert homes.community.delete(f"/forms/{made['id']}").status_code == 404
    change = {"mutation_id": str(uuid4()), "version": 1, "name": "新名", "area": STREET, "form": SUMS}
    assert homes.planner.put(f"/forms/{made['id']}", change).json()["version"] == 2
    assert (
        homes.director.put(f"/forms/{made['id']}", change | {"mutation_id": str(uuid4())}).json()["code"]
        == "form_changed"
    )
    assert homes.director.delete(f"/forms/{made['id']}").status_code == 204
    assert SavedForm.objects.count() == 0


def test_nobody_keeps_a_list_that_she_may_not_see(homes: Town) -> None:
    assert kept(homes.director, LIST, expect=403)["code"] == "forbidden"
    assert kept(homes.community, SUMS, area=STREET, expect=403)["code"] == "forbidden"
    kept(homes.community, LIST, area=COMMUNITY)


def test_the_clock_asks_a_form_once_a_month_on_its_day_and_what_it_gave_stays(homes: Town) -> None:
    today = timezone.localdate()
    made = kept(homes.director, SUMS, day=min(today.day, 28))
    kept(homes.director, SUMS)
    assert (ask_due(), ask_due()) == (1, 0)
    Household.objects.all().delete()
    SavedForm.objects.filter(pk=made["id"]).update(made_on=today.replace(day=1) - timedelta(days=1))
    assert ask_due() == 1
    first = FormResult.objects.order_by("made_at")[0]
    answer = homes.planner.get(f"/forms/{made['id']}/results/{first.pk}").json()
    assert answer["rows"] == [[f"第一网格 {CELL}", 2, 5, 0], [f"第二网格 {NEXT_CELL}", 1, 4, 0]]
    assert (
        len(homes.director.get("/forms").json()["forms"][0]["results"])
        + len(homes.director.get("/forms").json()["forms"][1]["results"])
        == 2
    )
    assert homes.other_director.get(f"/forms/{made['id']}/results/{first.pk}").status_code == 404


def test_a_form_that_cannot_be_asked_keeps_no_other_waiting_and_says_so(
    homes: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = timezone.localdate()
    broken, gone, good = (kept(homes.director, SUMS, day=min(today.day, 28), name=name) for name in ("坏", "走", "好"))
    SavedForm.objects.filter(pk=broken["id"]).update(
        form=SUMS | {"filters": [{"field": "size", "operator": "is", "value": "²"}]}
    )
    monkeypatch.setattr(forms, "faults", lambda form: {})  # a fault that nobody has thought of
    SavedForm.objects.filter(pk=gone["id"]).update(created_by=homes.worker.user)
    assert (ask_due(), ask_due()) == (1, 0)
    found = {one["name"]: one["results"] for one in homes.director.get("/forms", "en").json()["forms"]}
    assert [len(results) for results in found.values()] == [1, 1, 1]
    assert [found[name][0]["fault"][:30] for name in ("坏", "走", "好")] == [
        "It could not be worked out and", "Whoever keeps it may not repor", "",
    ]  # fmt: skip
    assert StreamEvent.objects.filter(kind="form.missed").count() == 2
    assert good


def test_what_the_clock_kept_is_read_in_the_language_of_who_reads_it(homes: Town) -> None:
    form = {"kind": "place", "groups": ["community", "kind"], "filters": []}
    made = kept(homes.director, form, day=1)
    ask_due()
    number = FormResult.objects.get().pk
    words = [
        homes.director.get(f"/forms/{made['id']}/results/{number}", language).json()["rows"]
        for language in ("zh", "en")
    ]
    assert [rows[0][1] for rows in words] == ["楼栋", "Building"]


def test_a_list_shows_days_in_local_time(homes: Town) -> None:
    rows = asked(homes.community, {"kind": "household", "columns": ["verified", "due"]})["rows"]
    now = timezone.localtime(Household.objects.order_by("area_code", "due_on", "id")[0].verified_at)
    assert rows[0][0] == f"{now:%Y-%m-%d %H:%M}"


def test_an_earlier_result_is_taken_out_as_it_was(homes: Town) -> None:
    made = kept(homes.director, SUMS, day=1)
    ask_due()
    Household.objects.all().delete()
    path = f"/forms/{made['id']}/results/{FormResult.objects.get().pk}/export"
    answer = homes.planner.post(path, {"format": "csv"})
    table = list(csv.reader(StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert table[1:] == [[f"第一网格 {CELL}", "2", "5", "0"], [f"第二网格 {NEXT_CELL}", "1", "4", "0"]]
    assert StreamEvent.objects.get(kind="form.exported").payload["rows"] == 2
    assert homes.other_director.post(path, {"format": "csv"}).status_code == 404


def test_a_result_that_was_cut_says_so(homes: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gridmap.queries.forms.MOST_STORED", 1)
    made = kept(homes.director, SUMS, day=1)
    ask_due()
    answer = homes.director.get(f"/forms/{made['id']}/results/{FormResult.objects.get().pk}").json()
    assert (len(answer["rows"]), answer["more"]) == (1, True)


def test_is_not_finds_what_is_empty_too_and_what_can_be_asked_for_is_offered(homes: Town) -> None:
    households = {"kind": "household", "filters": [{"field": "under_14", "operator": "not", "value": "7"}]}
    Household.objects.filter(area_code=CELL).update(under_14=None)
    assert asked(homes.director, households)["rows"] == [[3]]
    kinds = {
        one["kind"]: {part["name"]: part for part in one["filters"]}
        for one in homes.director.get("/forms").json()["kinds"]
    }
    assert {"value": "dwelling", "zh": "住房", "en": "Dwelling"} in kinds["place"]["kind"]["choices"]
    offices = kinds["object"]["maintainer"]["choices"]
    assert {"value": str(homes.sanitation.pk), "zh": "环卫", "en": "Sanitation"} in offices
    chosen = {"kind": "object", "filters": [{"field": "maintainer", "operator": "is", "value": offices[0]["value"]}]}
    assert asked(homes.director, chosen)["rows"] == [[0]]


def test_a_day_that_has_not_come_waits(homes: Town) -> None:
    made = kept(homes.director, SUMS, day=28)
    SavedForm.objects.filter(pk=made["id"]).update(made_on=date(2026, 1, 28))
    from gridmap.queries.forms import due

    assert [one.pk for one in due(date(2026, 2, 27))] == []
    assert [str(one.pk) for one in due(date(2026, 2, 28))] == [made["id"]]


def test_a_demand_takes_its_figures_from_the_register(homes: Town) -> None:
    """One record, many reports: what stands in the register is not asked again."""
    from gridmap.queries.forms import figures

    assert figures(STREET) == {
        "residents": 9, "over_60": 3, "over_80": 0, "under_14": 3, "buildings": 2, "organisations": 0, "public_objects": 0,
    }  # fmt: skip
