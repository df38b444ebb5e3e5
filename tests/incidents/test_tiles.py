"""Cases on the map: single ones near by, groups in the distance, always those of the list, bounded whatever is open."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from incidents.models import Incident
from incidents.queries.lists import CLUSTERS_PER_TILE, FEW
from tests.crowd import crowd
from tests.factories import CELL, LID, NEXT_CELL, OTHER_CELL, PLACES, Caller, Town, report_body
from tests.layers import tiles
from tests.rows import queries_of

Found = dict[str, list[dict[str, Any]]]


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Reads a tile back with GDAL: the attributes of each layer's features."""

    def of(caller: Caller, path: str) -> Found:
        answer = caller.get(f"/tiles/incidents/{path}")
        assert answer.status_code == 200, answer.content
        assert answer["Content-Type"] == "application/vnd.mapbox-vector-tile"
        if not answer.content:
            return {"incident": [], "cluster": []}
        layers = tiles.layers(answer.content, tmp_path)
        rows: dict[str, Any] = {
            name: table.drop(columns="geometry").to_dict("records") for name, table in layers.items()
        }
        return {"incident": [], "cluster": []} | rows

    return of


def total(caller: Caller, query: str = "") -> int:
    count: int = caller.get(f"/incidents?limit=1&{query}").json()["total"]
    return count


def shown(found: Found) -> int:
    """How many cases a tile stands for."""
    return len(found["incident"]) + sum(int(group["count"]) for group in found["cluster"])


def test_near_by_every_case_is_drawn_with_what_its_symbol_needs(town: Town, read: Any) -> None:
    card = town.worker.report(class_key=LID, condition=1)
    litter = town.worker.report(lon=105.0051)
    found = read(town.director, tiles.path(*PLACES[CELL], 15))
    assert found["cluster"] == []
    assert {feature["id"] for feature in found["incident"]} == {card["id"], litter["id"]}
    lid = next(feature for feature in found["incident"] if feature["id"] == card["id"])
    assert (lid["state"], lid["urgent"], lid["overdue"], lid["domain"]) == ("reported", 1, 0, "object")
    assert (lid["title"], lid["title_en"], lid["version"]) == (card["title"], card["title_en"], 1)


def test_a_tile_holds_no_words_and_no_person(town: Town) -> None:
    town.worker.report(description="私人内容", address="望江路1号")
    content = town.director.get(f"/tiles/incidents/{tiles.path(*PLACES[CELL], 15)}").content
    assert "私人内容".encode() not in content
    assert "望江路".encode() not in content
    assert b"Alice" not in content


def test_a_case_lies_where_it_was_reported(town: Town, tmp_path: Path) -> None:
    lon, lat = 105.0034, 28.0123
    town.worker.report(lon=lon, lat=lat)
    z, x, y = tiles.xyz(lon, lat, 16)
    answer = town.director.get(f"/tiles/incidents/{z}/{x}/{y}")
    point: Any = tiles.layers(answer.content, tmp_path)["incident"].geometry.iloc[0]
    side = 360 / 2**z
    assert x * side - 180 + point.x / 4096 * side == pytest.approx(lon, abs=side / 2000)


@pytest.mark.parametrize("zoom", [0, 5, 10, 12])
def test_in_the_distance_the_groups_count_what_the_list_counts(town: Town, read: Any, zoom: int) -> None:
    crowd(500)
    town.worker.report()
    found = read(town.director, tiles.path(105.01, 28.01, zoom))
    assert shown(found) == total(town.director) == 501
    urgent = sum(group["urgent"] for group in found["cluster"]) + sum(one["urgent"] for one in found["incident"])
    assert urgent == total(town.director, "urgent=1")
    overdue = sum(group["overdue"] for group in found["cluster"]) + sum(one["overdue"] for one in found["incident"])
    assert overdue == total(town.director, "overdue=1")


@pytest.mark.parametrize("zoom", [13, 14, 15, 16, 17])
def test_all_tiles_of_a_zoom_together_show_every_case_once(town: Town, read: Any, zoom: int) -> None:
    crowd(300)
    _, west, south = tiles.xyz(105.0, 28.0, zoom)
    _, east, north = tiles.xyz(105.02, 28.02, zoom)
    found = [read(town.director, f"{zoom}/{x}/{y}") for x in range(west, east + 1) for y in range(north, south + 1)]
    assert sum(map(shown, found)) == 300
    ids = [one["id"] for tile in found for one in tile["incident"]]
    assert len(ids) == len(set(ids))
    assert sum(len(tile["cluster"]) for tile in found) == 0 or zoom < 15


def test_one_alone_is_itself_in_the_distance_too(town: Town, read: Any) -> None:
    card = town.worker.report()
    found = read(town.director, "0/0/0")
    assert [one["id"] for one in found["incident"]] == [card["id"]]
    assert found["cluster"] == []


# --- scope and filters ---


def test_a_tile_shows_what_its_reader_may_see(town: Town, read: Any) -> None:
    mine, next_door = town.worker.report(), town.second_worker.report(cell=NEXT_CELL)
    elsewhere = town.other_worker.report(cell=OTHER_CELL)

    def sees(caller: Caller) -> set[str]:
        return {
            one["id"]
            for z in (15, 16)
            for cell in PLACES
            for one in read(caller, tiles.path(*PLACES[cell], z))["incident"]
        }

    assert sees(town.director) == {mine["id"], next_door["id"]}
    assert sees(town.worker) == {mine["id"]}
    assert sees(town.other_director) == {elsewhere["id"]}
    for nobody in (town.planner, town.handler, town.stranger, town.administrator):
        assert sees(nobody) == set()
    card = town.dispatcher.act(town.acceptor.act(mine, "file"), "assign", department=town.sanitation.pk)
    assert sees(town.handler) == {card["id"]}
    assert sees(town.gardener) == set()


@pytest.mark.parametrize(
    "query",
    [
        "state=reported", "state=filed,assigned", "open=1", "urgent=1", "overdue=1", f"class_key={LID}", f"area={CELL}",
        f"area={NEXT_CELL}", "due_within=60", "q=井盖", "mine=todo", "mine=reported", "department=1", f"department={10**14}",
    ],
)  # fmt: skip
def test_a_filter_means_the_same_on_the_map_as_in_the_list(town: Town, read: Any, query: str) -> None:
    crowd(200)
    Incident.objects.filter(number__lt=1_000_010).update(state="closed")
    town.worker.report(class_key=LID, condition=1)
    assert shown(read(town.director, f"{tiles.path(105.01, 28.01, 10)}?{query}")) == total(town.director, query)


@pytest.mark.parametrize("path", ["0/0/1", "1/2/0", "23/0/0", "-1/0/0", "5/-1/3", f"22/{2**22}/0"])
def test_a_tile_off_the_earth_is_a_404(town: Town, path: str) -> None:
    assert town.director.get(f"/tiles/incidents/{path}").status_code == 404


def test_an_unknown_state_is_refused_by_name(town: Town) -> None:
    answer = town.director.get("/tiles/incidents/0/0/0?state=reported,gone")
    assert answer.status_code == 422
    assert answer.json()["fields"] == {"state": "gone"}


# --- very many ---


def test_fifty_thousand_open_cases_stay_usable(town: Town, read: Any, subtests: pytest.Subtests) -> None:
    crowd(50_000)
    squares = (CLUSTERS_PER_TILE + 1) ** 2  # those of a tile and what its edges cut
    for zoom in (0, 9, 12, 13, 14, 15, 16, 17, 18):
        path = tiles.path(105.0101, 28.0101, zoom)
        with subtests.test(zoom=zoom):
            assert queries_of(partial(town.director.get, f"/tiles/incidents/{path}")) == 3  # caller, grants, tile
            assert 0 < len(town.director.get(f"/tiles/incidents/{path}").content) < 100_000
            found = read(town.director, path)
            assert len(found["incident"]) <= squares * FEW
            assert len(found["cluster"]) <= squares
    with subtests.test("the list"):
        answer = town.director.get("/incidents?limit=50")
        assert (answer.json()["total"], answer.json()["capped"]) == (10_000, True)  # counted no further
        assert len(answer.content) < 60_000


def test_groups_of_a_crowded_tile_count_every_case(town: Town, read: Any) -> None:
    crowd(6000)
    _, west, south = tiles.xyz(105.0, 28.0, 15)
    _, east, north = tiles.xyz(105.02, 28.02, 15)
    found = [read(town.director, f"15/{x}/{y}") for x in range(west, east + 1) for y in range(north, south + 1)]
    assert sum(map(shown, found)) == 6000
    assert any(tile["cluster"] for tile in found)


def test_a_body_of_a_report_shows_at_once(town: Town, read: Any) -> None:
    body = report_body()
    path = tiles.path(*PLACES[CELL], 16)
    assert read(town.director, path)["incident"] == []
    town.worker.post("/incidents", body)
    assert [one["id"] for one in read(town.director, path)["incident"]] == [body["id"]]
    assert town.director.get(f"/tiles/incidents/{path}")["Cache-Control"] == "no-store"
