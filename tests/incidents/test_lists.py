"""Lists of cases: filters, pages that show each once, figures, and a cost that does not grow."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidents.models import Incident
from tests.crowd import crowd
from tests.factories import CELL, LID, LITTER, NEXT_CELL, OTHER_CELL, OTHER_STREET, Caller, Town, class_rows
from tests.rows import queries_of

ORDERS = ("new", "due")


def ask(caller: Caller, query: str = "") -> dict[str, Any]:
    answer = caller.get(f"/incidents?{query}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def ids(caller: Caller, query: str = "") -> list[str]:
    return [card["id"] for card in ask(caller, f"limit=200&{query}")["items"]]


def pages(caller: Caller, query: str, between: Callable[[], Any] = lambda: None) -> list[list[str]]:
    """Every page to the end, something happening between two of them."""
    found, cursor = [], ""
    while True:
        page = ask(caller, f"{query}&cursor={quote(cursor)}")
        found.append([card["id"] for card in page["items"]])
        if page["next"] is None:
            return found
        cursor = page["next"]
        between()


@pytest.fixture
def day(town: Town) -> dict[str, dict[str, Any]]:
    """Cases of every sort, by a word for each."""
    litter = town.worker.report(address="望江路1号")
    lid = town.second_worker.report(cell=NEXT_CELL, class_key=LID, condition=1)
    assigned = town.dispatcher.act(town.acceptor.act(lid, "file"), "assign", department=town.sanitation.pk)
    filed = town.acceptor.act(town.worker.report(), "file")
    closed = town.worker.report(self_handled=True)
    declined = town.acceptor.act(town.worker.report(), "decline", reason="重复")
    late = town.acceptor.act(town.worker.report(), "file")
    Incident.objects.filter(pk=late["id"]).update(overdue=True, due_at=timezone.now() - timedelta(hours=1))
    return {"litter": litter, "lid": assigned, "filed": filed, "closed": closed, "declined": declined, "late": late}


# --- filters ---


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", {"litter", "lid", "filed", "closed", "declined", "late"}),
        ("open=1", {"litter", "lid", "filed", "late"}),
        ("state=closed", {"closed"}),
        ("state=closed,declined", {"closed", "declined"}),
        ("overdue=1", {"late"}),
        ("urgent=1", {"lid"}),
        (f"class_key={LID}", {"lid"}),
        (f"area={NEXT_CELL}", {"lid"}),
        (f"area={CELL}&state=filed", {"filed", "late"}),
        (f"area={OTHER_STREET}", set()),
        ("due_within=20", {"filed"}),
        ("q=望江", {"litter"}),
        ("q=shangshui", {"lid"}),
        ("q=SSJG", {"lid"}),
        ("q=%25", set()),
        ("q=Alice", set()),
        ("open=1&urgent=1&overdue=1", set()),
    ],
)
def test_a_filter_shows_what_it_says_and_its_total(
    town: Town, day: dict[str, dict[str, Any]], query: str, wanted: set[str]
) -> None:
    named = {card["id"]: name for name, card in day.items()}
    page = ask(town.director, query)
    assert {named[card["id"]] for card in page["items"]} == wanted
    assert page["total"] == len(wanted)


def test_a_department_is_a_filter(town: Town, day: dict[str, dict[str, Any]]) -> None:
    assert ids(town.director, f"department={town.sanitation.pk}") == [day["lid"]["id"]]
    assert ids(town.director, f"department={town.gardens.pk}") == []


def test_a_case_is_found_by_its_number(town: Town, day: dict[str, dict[str, Any]]) -> None:
    card = day["filed"]
    assert ids(town.director, f"q={card['number']}") == [card["id"]]
    assert card["id"] in ids(town.director, f"q={card['number'].split('-')[1]}")


@pytest.mark.parametrize(
    ("who", "wanted"),
    [
        ("acceptor", {"litter"}), ("dispatcher", {"filed", "late"}), ("director", {"litter", "filed", "late"}),
        ("handler", {"lid"}), ("gardener", set()), ("worker", set()), ("auditor", set()), ("planner", set()),
    ],
)  # fmt: skip
def test_what_waits_for_somebody_is_her_to_do(
    town: Town, day: dict[str, dict[str, Any]], who: str, wanted: set[str]
) -> None:
    assert set(ids(town.callers[who], "mine=todo")) == {day[name]["id"] for name in wanted}


def test_a_verification_is_to_do_for_all_of_the_cell_but_not_for_who_repaired(town: Town) -> None:
    card = town.dispatcher.act(town.acceptor.act(town.worker.report(), "file"), "assign", department=town.sanitation.pk)
    town.handler.act(card, "handle", text="已清理")
    assert ids(town.worker, "mine=todo") == ids(town.community, "mine=todo") == [card["id"]]
    assert ids(town.second_worker, "mine=todo") == []
    Incident.objects.filter(pk=card["id"]).update(handled_by=town.worker.user)
    assert ids(town.worker, "mine=todo") == []


def test_what_she_reported_is_hers_whatever_became_of_it(town: Town, day: dict[str, dict[str, Any]]) -> None:
    own = {day[name]["id"] for name in ("litter", "filed", "closed", "declined", "late")}
    assert set(ids(town.worker, "mine=reported")) == own
    assert set(ids(town.second_worker, "mine=reported")) == {day["lid"]["id"]}
    assert ids(town.director, "mine=reported") == []


@pytest.mark.parametrize(
    "query",
    ["state=gone", "state=reported,,gone", "mine=theirs", "order=old", "limit=0", "limit=201", "due_within=0", "area=x", "cursor=x",
     "cursor=|", "cursor=2025-01-01T00:00:00Z|x", "urgent=perhaps", "q=" + "a" * 61],
)  # fmt: skip
def test_a_filter_that_is_none_is_refused_by_name(town: Town, query: str) -> None:
    answer = town.director.get(f"/incidents?{query}")
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {query.partition("=")[0]}


# --- pages ---


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("limit", [1, 7, 50])
def test_pages_show_each_case_once_in_order(town: Town, order: str, limit: int) -> None:
    crowd(120)
    Incident.objects.filter(number__lt=1_000_040).update(reported_at=timezone.now())  # many at the same moment
    found = [one for page in pages(town.director, f"order={order}&limit={limit}") for one in page]
    assert len(found) == len(set(found)) == 120
    assert found == ids(town.director, f"order={order}")
    rows = Incident.objects.in_bulk(found)
    ordered = [next(row for key, row in rows.items() if str(key) == one) for one in found]
    if order == "new":
        assert [row.reported_at for row in ordered] == sorted((row.reported_at for row in ordered), reverse=True)
    else:
        due = [row.due_at for row in ordered if row.due_at]
        assert due == sorted(due)
        assert all(row.due_at is None for row in ordered[len(due) :])
        assert 0 < len(due) < 120


@pytest.mark.parametrize("order", ORDERS)
def test_pages_show_each_case_once_while_others_come_and_go(town: Town, order: str) -> None:
    crowd(60)
    before = set(ids(town.director, f"order={order}"))

    def happens() -> None:
        town.worker.report()
        leaving = Incident.objects.exclude(state="closed").order_by("?")[:1]
        Incident.objects.filter(pk__in=[row.pk for row in leaving]).update(address="verändert", version=2)

    found = [one for page in pages(town.director, f"order={order}&limit=9", happens) for one in page]
    assert len(found) == len(set(found))
    assert before <= set(found)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    limit=st.integers(1, 30),
    order=st.sampled_from(ORDERS),
    query=st.sampled_from(["", "open=1", "urgent=1", "overdue=1"]),
)
def test_pages_are_the_whole_cut_up(town: Town, limit: int, order: str, query: str) -> None:
    if not Incident.objects.exists():
        crowd(90)
    whole = ids(town.director, f"order={order}&{query}")
    cut = pages(town.director, f"order={order}&limit={limit}&{query}")
    assert [one for page in cut for one in page] == whole
    assert all(len(page) == limit for page in cut[:-1])


# --- figures ---


def test_the_figures_are_those_of_the_lists(town: Town, day: dict[str, dict[str, Any]]) -> None:
    crowd(150)
    Incident.objects.filter(number__lt=1_000_020).update(due_at=timezone.now() + timedelta(minutes=30))

    def total(query: str) -> int:
        count: int = ask(town.director, f"limit=1&{query}")["total"]
        return count

    figures = town.director.get("/incidents/summary").json()
    assert figures == {
        "open": total("open=1"), "new": total("state=reported"), "overdue": total("overdue=1"), "due_hour": total("due_within=60"),
        "to_verify": total("state=verifying,to_verify"), "on_duty": 0,
    }  # fmt: skip
    assert all(figures[name] > 0 for name in ("open", "new", "overdue", "due_hour", "to_verify"))


def test_who_sees_nothing_gets_zeros(town: Town, day: dict[str, dict[str, Any]]) -> None:
    for nobody in (town.planner, town.stranger, town.other_director):
        assert set(nobody.get("/incidents/summary").json().values()) == {0}


# --- cost ---


@pytest.mark.parametrize(
    "path",
    ["/incidents?limit=20", "/incidents?limit=20&order=due", "/incidents?limit=20&mine=todo", "/incidents/summary"],
)
def test_a_list_costs_the_same_with_twenty_and_with_a_thousand(town: Town, path: str) -> None:
    crowd(20)
    few = queries_of(lambda: town.director.get(path))
    Incident.objects.all().delete()
    crowd(1000)
    assert queries_of(lambda: town.director.get(path)) == few
    assert 3 <= few <= 7


def test_a_case_costs_the_same_however_much_was_said_of_it(town: Town) -> None:
    card = town.acceptor.act(town.worker.report(), "file")
    card = town.dispatcher.act(card, "assign", department=town.sanitation.pk)
    town.worker.act(card, "note", text="一")
    few = queries_of(lambda: town.director.detail(card))
    for _ in range(12):
        town.worker.act(card, "note", text="又")
        town.handler.act(card, "note", text="再")
    assert queries_of(lambda: town.director.detail(card)) == few
    assert 5 <= few <= 17


def test_the_catalogue_costs_the_same_with_many_cases(town: Town) -> None:
    few = queries_of(lambda: town.worker.get("/catalogue"))
    crowd(1000)
    assert queries_of(lambda: town.worker.get("/catalogue")) == few
    assert few <= 8  # one of them asks which cells those of a worker follow


def test_the_quick_classes_are_those_most_reported_here(town: Town) -> None:
    before = town.worker.get("/catalogue").json()["quick"]
    rare = next(row.key for row in class_rows() if str(row.key) not in before and row.key.scheme == "GB30428.2-2013")
    for _ in range(2):
        town.worker.report(class_key=str(rare))
    town.other_worker.report(cell=OTHER_CELL, class_key=LID)
    catalogue = town.worker.get("/catalogue").json()
    assert catalogue["quick"][0] == str(rare)
    assert len(catalogue["quick"]) == len(set(catalogue["quick"])) == 10
    assert set(catalogue["quick"]) | {LITTER} <= {klass["key"] for klass in catalogue["classes"]}
    assert town.other_worker.get("/catalogue").json()["quick"][0] == LID
