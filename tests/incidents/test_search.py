"""Search: what was said in a case is found by any part of it, in Chinese from one character on, and only by who may see the case."""

from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap import grams
from incidents.models import Incident, Remark
from tests.crowd import crowd
from tests.factories import LID, NEXT_CELL, OTHER_CELL, Caller, Town
from tests.rows import queries_of

# Characters of names and addresses, with what separates them, full-width forms, letters and figures.
LETTERS = st.sampled_from("望江路垃圾井盖一二〇0129aBzÀß,。、 ()《》·-'\\:&|!<>*%@#\"１Ａ𠮷")
TEXTS = st.text(LETTERS, max_size=30)


def search(caller: Caller, text: str) -> set[str]:
    answer = caller.get(f"/incidents?limit=200&q={quote(text)}")
    assert answer.status_code == 200, answer.content
    return {card["id"] for card in answer.json()["items"]}


def found_in(said: str, query: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select incidents_grams(%s) @@ %s::tsquery", [said, query])
        answer: bool = cursor.fetchone()[0]
    return answer


# --- the cut ---


@pytest.mark.django_db
def test_any_part_of_a_text_is_found_in_it() -> None:
    @settings(max_examples=150, deadline=None)
    @given(TEXTS, st.data())
    def holds(said: str, data: st.DataObject) -> None:
        start = data.draw(st.integers(0, len(said)))
        part = said[start : data.draw(st.integers(start, len(said)))]
        for word in grams.words(part):
            assert found_in(said, grams.query(word, []))

    holds()


@pytest.mark.django_db
def test_what_is_found_stands_there_run_by_run() -> None:
    @settings(max_examples=150, deadline=None)
    @given(TEXTS, TEXTS)
    def holds(said: str, asked: str) -> None:
        for run in grams.runs(asked):
            assert found_in(said, grams.phrase(run)) == any(run in other for other in grams.runs(said))

    holds()


@pytest.mark.parametrize(
    ("text", "number"),
    [("57", 57), ("261122-57", 57), ("２６１１２２-５７", 57), ("1" * 18, None), ("57a", None), ("-57", None)],
)
def test_a_number_is_read_as_people_write_it(text: str, number: int | None) -> None:
    assert grams.number_of(text) == number


# --- cases ---


@pytest.fixture
def cases(town: Town) -> dict[str, dict[str, Any]]:
    spilled = town.worker.report(address="望江路 12 号", description="餐厅后门倒了泔水,味道很大。Smells bad")
    lid = town.second_worker.report(cell=NEXT_CELL, class_key=LID, condition=1, address="滨河东路与望江路路口")
    town.director.act(spilled, "note", text="已联系“老灶火锅”店长")
    return {"spilled": spilled, "lid": lid}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("泔水", {"spilled"}), ("泔", {"spilled"}), ("水", {"spilled", "lid"}), ("味道很大", {"spilled"}), ("望江", {"spilled", "lid"}),
        ("滨河东路", {"lid"}), ("东河", set()), ("江望", set()), ("12号", set()), ("12 号", {"spilled"}), ("１２", {"spilled"}),
        ("smells", {"spilled"}), ("SMELL", {"spilled"}), ("老灶", {"spilled"}), ("火锅店", set()), ("火锅", {"spilled"}),
        ("井盖", {"lid"}), ("上水井盖 望江路", {"lid"}), ("井盖 泔水", set()), ("jinggai", {"lid"}), ("ssjg", {"lid"}),
        ("manhole", {"lid"}), ("，。", set()), ("'", set()), ("\\", set()), ("' | '", set()), ("大。Sm", {"spilled"}), ("大Sm", set()),
    ],
)  # fmt: skip
def test_the_words_of_a_case_find_it(town: Town, cases: dict[str, dict[str, Any]], text: str, wanted: set[str]) -> None:
    assert search(town.director, text) == {cases[name]["id"] for name in wanted}


def test_a_case_is_found_by_its_number_even_among_other_words(town: Town, cases: dict[str, dict[str, Any]]) -> None:
    number = cases["lid"]["number"]
    assert cases["lid"]["id"] in search(town.director, number)
    assert search(town.director, f"{number} 望江") == {cases["lid"]["id"]}


def test_a_case_is_found_by_what_its_class_is_called_now(town: Town, cases: dict[str, dict[str, Any]]) -> None:
    klass = Incident.objects.get(pk=cases["lid"]["id"]).klass
    klass.name = "供水检查井"
    klass.save(update_fields=["name"])
    assert search(town.director, "检查井") == {cases["lid"]["id"]}


def test_what_is_corrected_later_is_searched_as_it_stands_with_all_remarks(
    town: Town, cases: dict[str, dict[str, Any]]
) -> None:
    Incident.objects.filter(pk=cases["spilled"]["id"]).update(address="听涛街")
    assert search(town.director, "望江") == {cases["lid"]["id"]}
    assert search(town.director, "听涛") == search(town.director, "店长") == {cases["spilled"]["id"]}


def test_a_case_of_which_very_much_was_said_still_takes_notes(town: Town, cases: dict[str, dict[str, Any]]) -> None:
    long = "".join(chr(0x4E00 + (n * 7919) % 20_000) for n in range(2000))
    for turn in range(30):
        town.director.act(cases["lid"], "note", text=long[turn * 60 :] + long[: turn * 60])
    town.director.act(cases["lid"], "note", text="最后一句")
    assert Remark.objects.filter(incident=cases["lid"]["id"]).count() == 31
    Incident.objects.filter(pk=cases["lid"]["id"]).update(address="新地址")
    assert search(town.director, "新地址") == {cases["lid"]["id"]}


def test_nobody_finds_what_she_may_not_see(town: Town, cases: dict[str, dict[str, Any]]) -> None:
    elsewhere = town.other_worker.report(cell=OTHER_CELL, description="泔水横流")
    assert search(town.other_director, "泔水") == {elsewhere["id"]}
    assert search(town.director, "泔水") == search(town.worker, "泔水") == {cases["spilled"]["id"]}
    for nobody in (town.second_worker, town.gardener, town.planner, town.stranger):
        assert search(nobody, "泔水") == set()
        assert nobody.get("/incidents?q=泔水").json()["total"] == 0


def test_persons_are_not_searched(town: Town, cases: dict[str, dict[str, Any]]) -> None:
    assert search(town.director, town.worker.user.name) == search(town.director, town.worker.user.username) == set()


def test_the_map_shows_what_the_search_finds(town: Town, cases: dict[str, dict[str, Any]]) -> None:
    tile = "/tiles/incidents/0/0/0"
    assert cases["spilled"]["id"].encode() in town.director.get(f"{tile}?q=泔水").content
    assert town.director.get(f"{tile}?q=无此").content == b""


def test_a_search_counts_to_two_thousand_and_says_so(town: Town) -> None:
    first = town.worker.report(description="路面积水")
    crowd(2_400)
    Incident.objects.exclude(pk=first["id"]).update(description="路面积水")
    page = town.director.get("/incidents?q=积水&limit=5").json()
    assert (page["total"], page["capped"], len(page["items"])) == (2_000, True, 5)
    assert town.director.get("/incidents?q=积水&urgent=1&overdue=1").json()["capped"] is False


def test_a_search_costs_a_question_more_than_a_list_for_each_word(town: Town) -> None:
    crowd(50)
    plain = queries_of(lambda: town.director.get("/incidents?limit=20"))
    assert queries_of(lambda: town.director.get("/incidents?limit=20&q=路面")) <= plain + 1
    assert queries_of(lambda: town.director.get("/incidents?limit=20&q=路面 积水 井盖")) <= plain + 3
