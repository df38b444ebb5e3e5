"""Addresses of an import: places of several levels in one file, places that nobody needs after all, odd names of rooms."""

from pathlib import Path

import pytest

from gridmap.models import Household, Organisation, Place, StreamEvent
from tests.factories import CELL, Town
from tests.gridmap.intake.files import book, cells, opened
from tests.gridmap.intake.runs import HOMES, counts, lon, look, step, taken, upload, work

LEVELS = ["锦绣花园,3幢,2单元,单元,", ",,锦绣花园,小区,", "锦绣花园,,3幢,楼栋,18", "锦绣花园,,4幢,楼栋,6"]


@pytest.mark.parametrize("make_places", [False, True])
@pytest.mark.parametrize("turned", [False, True])
def test_one_file_may_have_places_and_what_they_are_parts_of_in_any_order(
    town: Town, make_places: bool, turned: bool
) -> None:
    lines = LEVELS[::-1] if turned else LEVELS
    text = "\n".join(["小区,楼栋,名称,类型,层数", *lines])
    run = upload(town.community, text)
    work()
    step(town.community, run, "check", fixed={"area": CELL}, make_places=make_places)
    work()
    checked = counts(look(town.community, run))
    step(town.community, run, "start", fixed={"area": CELL}, make_places=make_places)
    work()
    done = look(town.community, run)
    assert (done["state"], checked, counts(done)) == ("done", {"made": 4}, {"made": 4})
    assert set(Place.objects.values_list("title", "floors")) == {
        ("锦绣花园", None), ("锦绣花园 3幢", 18), ("锦绣花园 4幢", 6), ("锦绣花园 3幢 2单元", None),
    }  # fmt: skip


def test_no_place_stays_for_a_row_that_was_refused(town: Town) -> None:
    text = f"{HOMES}锦绣花园,3幢,2单元,503,,\n滨江苑,1幢,1单元,101,,\n"
    run = upload(town.community, text, record="household")
    work()
    for name in ("check", "start"):
        step(town.community, run, name, fixed={"area": CELL}, make_places=True)
        work()
        assert counts(look(town.community, run)) == {"made": 3, "places": 8, "refused": 2}
    assert not Place.objects.filter(title__contains="滨江苑").exists()
    assert StreamEvent.objects.filter(kind="register.recorded").count() == Place.objects.count() == 8


def test_merged_cells_say_in_each_line_what_the_first_one_holds(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx",
        [
            ["小区", "房号", "人数"],
            ["锦绣花园", "501", 3],
            [None, "502", 2],
            [None, "503", 1],
            ["滨江苑", "101", 4],
            ["", "x", 5],
        ],
        merged="A2:A4",
    )
    assert cells(opened(path)) == [
        ("锦绣花园", "501", "3"), ("锦绣花园", "502", "2"), ("锦绣花园", "503", "1"), ("滨江苑", "101", "4"), ("", "x", "5"),
    ]  # fmt: skip


def test_a_room_without_its_building_is_no_place_of_its_own(town: Town) -> None:
    text = "单位名称,单位类型,楼栋,房号\n望江超市,商铺,,502\n望江书店,商铺,,望江路12号\n望江茶馆,商铺,3幢,502\n"
    done = taken(town.community, text, record="organisation", fixed={"area": CELL}, make_places=True)
    assert [(one["row"], one["value"], one["code"]) for one in done["refusals"]] == [
        (1, "502", "room_without_building")
    ]
    assert set(Organisation.objects.values_list("title", flat=True)) == {"望江书店 望江路12号", "望江茶馆 3幢 502"}


@pytest.mark.parametrize(
    ("room", "code"),
    [
        ("2026-03-01", "turned_into_date"),
        ("2026-03-01 00:00:00", "turned_into_date"),
        ("3月1日", "turned_into_date"),
        ("5" * 61, "too_long"),
    ],
)
def test_a_room_that_a_spreadsheet_has_spoilt_is_refused_and_the_rest_goes_in(town: Town, room: str, code: str) -> None:
    text = f"{HOMES}锦绣花园,4幢,1单元,{room},1,\n"
    done = taken(town.community, text, record="household", fixed={"area": CELL}, make_places=True)
    assert (done["state"], Household.objects.count()) == ("done", 3)
    assert [(one["row"], one["column"], one["code"]) for one in done["refusals"]] == [(4, "房号", code)]


def test_a_whole_address_with_an_overlong_part_is_refused(town: Town) -> None:
    text = f"地址,人数\n{'锦绣' * 31}3幢501室,2\n"
    done = taken(town.community, text, record="household", fixed={"area": CELL}, make_places=True)
    assert [(one["column"], one["code"]) for one in done["refusals"]] == [("地址", "too_long")]
    assert lon(CELL)
