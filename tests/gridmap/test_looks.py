"""The access log: each look stands in it before the answer, and a change of it shows."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from gridmap import chain
from gridmap.models import AccessLook, LookHead, StreamEvent
from tests.factories import CELL, COMMUNITY, NEXT_CELL, OTHER_CELL, OTHER_STREET, STREET, Caller, Town
from tests.persons import NAME, REASON, listed, register, reveal, step


def look(town: Town, times: int = 3) -> dict[str, Any]:
    """Somebody, and looks at her."""
    made = register(town.worker)
    for _ in range(times):
        reveal(town.worker, made, fields=["phone"])
    return made


def seen(caller: Caller, query: str = "") -> list[dict[str, Any]]:
    answer = caller.get(f"/looks{query}")
    assert answer.status_code == 200, answer.content.decode()
    found: list[dict[str, Any]] = answer.json()["looks"]
    return found


# --- what is written


def test_every_look_is_noted_who_when_what_for_at_how_many(town: Town) -> None:
    made = look(town, 1)
    listed(town.worker)
    town.worker.post("/persons/care/search", {"name": NAME})
    step(town.community, made, "copy", purpose="request", words="本人索取")
    rows = list(AccessLook.objects.order_by("seq"))
    assert [(row.action, row.user, row.count, row.area_code) for row in rows] == [
        ("reveal", town.worker.user, 1, CELL), ("list", town.worker.user, 1, CELL), ("search", town.worker.user, 1, CELL),
        ("export", town.community.user, 1, CELL),
    ]  # fmt: skip
    assert (rows[0].purpose, rows[0].words, rows[0].fields) == ("visit", REASON["words"], ["phone"])
    assert all([str(pk) for pk in row.persons] == [made["id"]] for row in rows)
    assert (rows[2].fields, rows[2].words) == (["name"], "")  # in what was searched, never for whom
    assert StreamEvent.objects.filter(object_id=made["id"]).count() == 1  # looks are no history of hers


def test_a_list_over_several_cells_is_noted_for_each_and_one_of_nobody_too(town: Town) -> None:
    for cell, name in ((CELL, "张一"), (CELL, "张二"), (NEXT_CELL, "张三")):
        register(town.community, cell=cell, name=name)
    listed(town.community)
    assert [(row.area_code, row.count) for row in AccessLook.objects.order_by("seq")] == [(CELL, 2), (NEXT_CELL, 1)]
    listed(town.community, "job_seeking")
    last = AccessLook.objects.latest("seq")
    assert (last.area_code, last.count, last.service) == (COMMUNITY, 0, "job_seeking")


@pytest.mark.parametrize("area", [OTHER_CELL, OTHER_STREET, "99", "990199999", f"{COMMUNITY}999", "5", "51010500"])
def test_an_area_that_is_not_ones_own_or_none_at_all_gets_no_entry(town: Town, area: str) -> None:
    assert listed(town.worker, query=f"?area={area}") == []
    assert AccessLook.objects.get().area_code == CELL
    assert listed(town.community, query=f"?area={NEXT_CELL}") == []
    assert AccessLook.objects.latest("seq").area_code == NEXT_CELL
    assert [head.stream for head in LookHead.objects.all()] == [STREET]


def test_what_cannot_be_noted_is_not_shown(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    made = register(town.worker)

    def full(*_: Any) -> str:
        raise OSError("no space")

    monkeypatch.setattr(chain, "linked", full)
    for answer in (
        town.worker.get("/persons/care"),
        town.worker.post(f"/persons/care/{made['id']}/reveal", REASON | {"fields": ["name"]}),
    ):
        assert answer.status_code == 500
        assert "欧阳" not in answer.content.decode()


def test_what_was_refused_is_no_look(town: Town) -> None:
    made = register(town.worker)
    reveal(town.second_worker, made, expect=404)
    reveal(town.director, made, expect=404)
    assert AccessLook.objects.count() == 0


# --- the page


def test_who_answers_for_an_area_reads_who_looked_at_its_people(town: Town) -> None:
    look(town, 1)
    register(town.second_worker, cell=NEXT_CELL)
    listed(town.second_worker)
    rows: list[dict[str, Any]] = []
    for caller in (town.community, town.director, town.auditor):
        rows = seen(caller)
        assert [(row["user"], row["action"], row["area"]) for row in rows] == [
            ("Bob", "list", NEXT_CELL), ("Alice", "reveal", CELL)
        ]  # fmt: skip
        assert NAME not in str(rows)
    assert seen(town.other_director) == []
    assert town.worker.get("/looks").status_code == 403
    assert [row["area"] for row in seen(town.director, f"?area={CELL}&service=care")] == [CELL]
    month = timezone.localdate().strftime("%Y-%m")
    assert len(seen(town.director, f"?month={month}")) == 2
    assert seen(town.director, "?month=2020-01") == []
    assert [row["action"] for row in seen(town.director, f"?before={rows[0]['id']}")] == ["reveal"]


def test_the_page_says_whether_the_chain_is_whole(town: Town) -> None:
    look(town)
    register(town.other_worker, cell=OTHER_CELL)
    listed(town.other_worker)
    assert town.auditor.get("/looks/chains").json() == [
        {"stream": STREET, "whole": True, "entries": 3, "broken_at": None}
    ]
    AccessLook.objects.filter(seq=2, stream=STREET).update(words="约周三上门")
    assert town.community.get("/looks/chains").json() == [
        {"stream": STREET, "whole": False, "entries": 1, "broken_at": 2}
    ]
    assert town.other_director.get("/looks/chains").json()[0] == {
        "stream": OTHER_STREET,
        "whole": True,
        "entries": 1,
        "broken_at": None,
    }


# --- unusually many


def test_who_opens_or_tries_unusually_many_in_an_hour_is_named_to_who_answers_for_them(town: Town) -> None:
    made = look(town, 2)
    for _ in range(4):
        reveal(town.worker, made, words=f"找{NAME}", expect=422)
    assert town.auditor.get("/looks/many").json() == []
    reveal(town.worker, made, words=f"找{NAME}", expect=422)
    [told] = town.auditor.get("/looks/many").json()
    assert (told["user"], told["what"], set(told)) == ("Alice", ["refused"], {"user", "what", "hour"})
    AccessLook.objects.filter(words=REASON["words"]).update(count=20)
    assert town.community.get("/looks/many").json()[0]["what"] == ["opened", "refused"]
    assert town.other_director.get("/looks/many").json() == []
    AccessLook.objects.update(at=timezone.now() - timedelta(days=31))
    assert town.auditor.get("/looks/many").json() == []
