"""Exports: what is taken away, by whom it may be, that it is logged, that no cell acts, that memory does not grow."""

import csv
import io
import re
import tracemalloc
import uuid
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from gridmap import actions as kernel
from gridmap import sheets
from gridmap.models import Role, StreamEvent, User
from incidents import actions
from incidents.models import CaseFact, Incident, IncidentClass
from tests.crowd import crowd
from tests.factories import CELL, NEXT_CELL, OTHER_CELL, OTHER_STREET, STREET, Caller, Town, user
from tests.lives import Life
from tests.world import body_of

MARCH = {"first": "2026-03-01", "last": "2026-03-31"}


def ask(caller: Caller, *, language: str = "zh", **changes: Any) -> Any:
    body = {"mutation_id": str(uuid.uuid4()), "what": "cases", "purpose": "check", **MARCH, **changes}
    return caller.post("/exports", body, language)


def table(caller: Caller, **changes: Any) -> list[list[str]]:
    answer = ask(caller, **changes)
    assert answer.status_code == 200, answer.content
    text = body_of(answer).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


def sheet(data: bytes, number: int = 1) -> list[list[str]]:
    """The cells of one worksheet, as a spreadsheet would show them."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        root = ET.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))  # noqa: S314  # our own file
    assert not root.findall(".//{*}f")  # no formula
    rows = [
        {column(cell): "".join(cell.itertext()) for cell in row.findall("{*}c")} for row in root.findall(".//{*}row")
    ]
    return [[row.get(place, "") for place in range(max(row) + 1)] for row in rows]


def column(cell: ET.Element) -> int:
    """The column of a cell by its reference: A1 is in the first."""
    letters = re.sub(r"\d", "", cell.attrib["r"])
    return sum((ord(letter) - 64) * int(26**n) for n, letter in enumerate(reversed(letters))) - 1


def exports() -> list[StreamEvent]:
    return list(StreamEvent.objects.filter(kind="export.made").order_by("created_at"))


@pytest.fixture
def cases(town: Town) -> None:
    Life("2026-03-02 08:00").filed("2026-03-02 08:30").assigned("2026-03-02 09:00", town.sanitation, "2026-03-02 15:00")
    Life("2026-03-03 08:00", cell=NEXT_CELL, source="citizen")
    Life("2026-02-03 08:00", east=0.002)
    Life("2026-03-04 08:00", cell=OTHER_CELL)
    actions.refresh_facts()


def test_the_cases_of_the_filter_come_as_csv_in_the_language_asked_for(town: Town, cases: None) -> None:
    head, *rows = table(town.director)
    assert head[:4] == ["编号", "类别", "大类", "状态"]
    assert [row[5] for row in rows] == [CELL, NEXT_CELL]
    assert (rows[0][3], rows[0][6], rows[0][8], rows[0][11]) == ("待处置", "江岸社区", "环卫", "2026-03-02 08:00")
    head, *rows = table(town.director, language="en", state=["reported"], area=NEXT_CELL)
    assert head[:2] == ["number", "class"]
    assert [row[4] for row in rows] == ["Citizen"]


@pytest.mark.parametrize("what", ["class", "major", "community", "cell", "department", "source", "state", "line"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_every_figure_of_the_page_can_be_taken_away(town: Town, cases: None, what: str, form: str) -> None:
    answer = ask(town.director, what=what, format=form)
    assert answer.status_code == 200
    data = body_of(answer)
    rows = sheet(data) if form == "xlsx" else list(csv.reader(io.StringIO(data.decode()[1:])))
    place = rows[0].index("上报")
    assert sum(int(row[place]) for row in rows[1:]) == 2
    assert f'filename="{what}-2026-03-01-2026-03-31.{form}"' in answer["Content-Disposition"]


def test_an_export_is_logged_with_what_how_many_rows_what_for_and_by_whom(town: Town, cases: None) -> None:
    table(town.director, purpose="meeting", area=CELL)
    [logged] = exports()
    assert logged.payload == {
        "what": "cases", "format": "csv", "first": "2026-03-01", "last": "2026-03-31", "rows": 1, "purpose": "meeting",
    }  # fmt: skip
    assert (logged.actor, logged.stream, logged.area_code) == (town.director.user, STREET, CELL)


@pytest.mark.parametrize("missing", [{"purpose": ""}, {"purpose": None}, {"purpose": "because"}, {"what": "workers"}])
def test_without_a_reason_nothing_leaves(town: Town, cases: None, missing: dict[str, Any]) -> None:
    assert ask(town.director, **missing).status_code == 422
    assert exports() == []


def test_the_same_request_again_is_the_same_export_and_logged_once(town: Town, cases: None) -> None:
    key = str(uuid.uuid4())
    assert table(town.director, mutation_id=key) == table(town.director, mutation_id=key)
    assert len(exports()) == 1
    assert ask(town.director, mutation_id=key, purpose="audit").status_code == 409


def test_nobody_takes_away_what_she_may_not_see(town: Town, cases: None) -> None:
    for who in ("worker", "handler", "planner", "administrator", "stranger"):
        assert ask(town.callers[who]).status_code == 403, who
    assert ask(town.director, area=OTHER_STREET).status_code == 404
    assert ask(town.other_director, area=CELL).status_code == 404
    assert exports() == []
    assert [row[5] for row in table(town.other_director)[1:]] == [OTHER_CELL]
    assert [row[5] for row in table(town.other_director, area="990101")[1:]] == [OTHER_CELL]
    assert {logged.stream for logged in exports()} == {OTHER_STREET}


def test_a_worker_who_is_an_auditor_elsewhere_takes_only_from_there(town: Town, cases: None) -> None:
    both = Caller(user("both", Role.AUDITOR, OTHER_STREET))
    kernel.grant(both.user, Role.WORKER, CELL)
    assert [row[5] for row in table(both)[1:]] == [OTHER_CELL]


def test_figures_are_taken_only_from_where_cases_are_and_the_log_names_what_holds_all_of_it(
    town: Town, cases: None
) -> None:
    both = Caller(user("both", Role.PLANNER, "990101"))
    kernel.grant(both.user, Role.AUDITOR, OTHER_STREET)
    Life("2026-03-05 08:00").then("2026-03-06 08:00", "refused", "refused", closed=True)
    CaseFact.objects.update(matter=True)
    for what in ("community", "line", "matter"):
        rows = table(both, what=what)
        place = rows[0].index("受理" if what == "matter" else "上报")
        assert sum(int(row[place]) for row in rows[1:]) == 1, what
    assert ask(both, what="class", area=CELL).status_code == 404
    assert {logged.area_code for logged in exports()} == {OTHER_STREET}
    kernel.grant(both.user, Role.AUDITOR, STREET)
    assert len(table(Caller(both.user), what="cell")[1:]) == 3
    assert exports()[-1].area_code == "990101"


def test_no_name_of_a_person_and_no_free_text_is_in_an_export(town: Town, cases: None) -> None:
    names = ["张三丰", "李四光", "王五常"]
    for person, name in zip((town.worker, town.second_worker, town.handler), names, strict=True):
        User.objects.filter(pk=person.user.pk).update(name=name)
    Incident.objects.update(
        reporter=town.worker.user, verifier=town.second_worker.user, handled_by=town.handler.user, description="李四光家门口",
        address="王五常店", imported={"who": "张三丰"},
    )  # fmt: skip
    for what in ("cases", "class", "department", "line"):
        text = str(table(town.director, what=what))
        assert [name for name in names if name in text] == []
        assert "13800138000" not in text


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_name_that_looks_like_a_formula_does_nothing(town: Town, cases: None, form: str) -> None:
    IncidentClass.objects.update(name="=cmd|' /C calc'!A0", major="@SUM(1)")
    data = body_of(ask(town.director, format=form))
    if form == "csv":
        rows = list(csv.reader(io.StringIO(data.decode()[1:])))
        assert {row[1] for row in rows[1:]} == {"'=cmd|' /C calc'!A0"}
        assert {row[2] for row in rows[1:]} == {"'@SUM(1)"}
    else:
        assert {row[1] for row in sheet(data)[1:]} == {"=cmd|' /C calc'!A0"}  # as text: `sheet` finds no formula


@given(st.text(max_size=20))
def test_no_text_begins_like_a_formula_in_csv_and_every_other_stays(text: str) -> None:
    made = sheets.harmless(text)
    assert not made.startswith(sheets.ACTIVE)
    assert made in (text, f"'{text}")


def many(count: int) -> Iterator[list[Any]]:
    at = datetime(2026, 3, 2, 0, tzinfo=UTC)
    for number in range(count):
        yield [f"260302-{number}", "积存垃圾渣土", "市容环境", date(2026, 3, 2), at, 105.005, None]


def peak(count: int, form: str) -> int:
    tracemalloc.start()
    try:
        if form == "csv":
            size = sum(map(len, sheets.csv_pieces(["a"] * 7, many(count))))
        else:
            with sheets.xlsx_file("cases", ["a"] * 7, many(count)) as file:
                size = len(file.read(100))
        assert size > 0
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_ten_times_the_rows_take_no_more_memory(form: str) -> None:
    peak(100, form)  # what is loaded once
    few, more = peak(2_000, form), peak(20_000, form)
    assert more < few * 1.5 + 500_000


def test_very_many_cases_stream_from_the_database_in_pieces(town: Town) -> None:
    crowd(20_000)
    actions.refresh_facts()
    today = timezone.localdate()
    answer = ask(town.director, first=str(today - timedelta(days=30)), last=str(today))
    tracemalloc.start()
    rows = largest = 0
    for piece in answer.streaming_content:
        rows += piece.count(b"\r\n")
        largest = max(largest, len(piece))
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows == 20_001
    assert largest < 200_000
    assert used < 60_000_000
    assert exports()[0].payload["rows"] == 20_000


def test_a_full_sheet_is_followed_by_another_with_the_same_head() -> None:
    with sheets.xlsx_file("cases", ["编号"], ([n] for n in range(25)), sheet_rows=11) as file:
        data = file.read()
    assert [len(sheet(data, number)) for number in (1, 2, 3)] == [11, 11, 6]
    assert sheet(data, 3)[1] == ["20"]
    with sheets.xlsx_file("empty", ["编号"], []) as file:
        assert len(sheet(file.read())) == 1
