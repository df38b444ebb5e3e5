"""A resident reports by the QR code of a cell: a case to be verified first, a receipt, limits that keep no address."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import check_password
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmap import actions
from gridmap.actions.cells import NewCell, recut
from gridmap.models import Area, Inbox, StreamEvent, User
from incidents.models import Attachment, Count, Incident, Receipt, Salt
from layers.models import Source
from tests import factories
from tests.factories import CELL, COMMUNITY, LID, LITTER, NEXT_CELL, OTHER_CELL, PLACES, Town, photo
from tests.gridmap.test_recut import EAST, NORTH, SOUTH, WEST
from tests.incidents.residents import Resident, card, report
from tests.rows import counts
from tests.threads import at_once
from tests.world import body_of


@pytest.fixture
def anna() -> Resident:
    return Resident()


# --- the page of a cell ---


def test_the_page_of_a_cell_names_it_and_what_can_be_reported(town: Town, anna: Resident) -> None:
    page = anna.get(f"/cells/{CELL}").json()
    assert (page["name"], page["community"], page["street"]) == ("第一网格", "江岸社区", "望江街道")
    keys = {one["key"] for one in page["classes"]}
    assert {LITTER, LID} <= keys
    assert len(page["quick"]) == 10
    assert set(page["quick"]) <= keys
    lon, lat = page["center"]
    assert 105.0 < lon < 105.01
    assert 28.0 < lat < 28.02


@pytest.mark.parametrize("code", ["1", "990101001001999", "990101001", "x", "%27", "9" * 60])
def test_a_code_that_is_no_cell_says_so_and_what_to_do(town: Town, anna: Resident, code: str) -> None:
    for answer in (
        anna.get(f"/cells/{code}"),
        anna.get(f"/cells/{code}/map"),
        anna.post(f"/cells/{code}/reports", report()),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "no_cell")
        assert "12345" in answer.json()["message"]


def test_a_cell_that_ended_names_the_cells_that_follow_it(town: Town, anna: Resident) -> None:
    actions.end_area(Area.objects.get(pk=CELL), successors=[Area.objects.get(pk=NEXT_CELL)])
    before = counts()
    for answer in (
        anna.get(f"/cells/{CELL}"),
        anna.get(f"/cells/{CELL}/map"),
        anna.post(f"/cells/{CELL}/reports", report()),
    ):
        assert (answer.status_code, answer.json()["code"]) == (410, "cell_ended")
        assert answer.json()["detail"]["successors"] == [{"code": NEXT_CELL, "name": "第二网格"}]
    assert counts() == before


def test_a_cell_that_was_cut_anew_again_and_again_names_the_cells_in_force_now(town: Town, anna: Resident) -> None:
    for shapes in ([WEST, SOUTH, NORTH], [WEST, EAST]):
        recut(town.administrator.user, COMMUNITY, [NewCell(shape) for shape in shapes])
    after = anna.get(f"/cells/{NEXT_CELL}").json()["detail"]["successors"]
    assert [one["code"] for one in after] == [f"{COMMUNITY}005"]


def test_the_page_of_a_cell_names_who_serves_it_with_the_office_phone(town: Town, anna: Resident) -> None:
    """Name and phone of who serves a cell are public; of others nothing is said."""
    User.objects.filter(username="alice").update(phone="0830-3456781")
    found = anna.get(f"/cells/{CELL}").json()["serving"]
    assert [(one["name"], one["role"], one["phone"]) for one in found] == [
        ("Alice", "worker", "0830-3456781"), ("Cai", "community", "")
    ]  # fmt: skip


def test_the_map_of_a_cell_is_a_few_paths_within_its_bounds(town: Town, anna: Resident) -> None:
    Source.objects.create(key="osm", name="OSM", kind="osm", attribution="© OpenStreetMap", area_code=CELL[:9])
    found = anna.get(f"/cells/{CELL}/map").json()
    assert found["attributions"] == ["© OpenStreetMap"]
    west, south, east, north = found["bounds"]
    (lon, lat), (width, height) = PLACES[CELL], (found["width"], found["height"])
    assert west < lon - 0.005 < lon + 0.005 < east
    assert south < lat - 0.01 < lat + 0.01 < north
    assert 1100 < width < 1300
    assert 2500 < height < 2800
    assert found["paths"]["cell"].startswith("M")
    assert set(found["paths"]) == {"green", "water", "building", "road", "cell"}


# --- the report ---


def test_a_report_of_a_resident_is_a_case_that_is_verified_before_it_is_filed(town: Town, anna: Resident) -> None:
    receipt = anna.send()
    case = Incident.objects.get(pk=receipt.case)
    assert (case.source, case.state, case.area_code, case.reporter) == ("citizen", "reported", CELL, None)
    refused = town.acceptor.act(card(town.acceptor, receipt), "file", expect=409)
    assert refused["code"] == "not_verified"
    event = StreamEvent.objects.get(object_id=receipt.case)
    assert (event.kind, event.actor_id, event.persons) == ("incident.reported", None, [])
    assert "路口有垃圾" not in str(event.payload)
    assert case.number == event.seq


def test_without_a_place_it_lies_in_the_middle_and_with_one_where_it_is_said(town: Town, anna: Resident) -> None:
    preset = Incident.objects.get(pk=anna.send().case)
    assert preset.area_code == CELL
    lon, lat = PLACES[NEXT_CELL]
    moved = Incident.objects.get(pk=anna.send(lon=lon, lat=lat).case)
    assert moved.point is not None
    assert (moved.area_code, round(moved.point.x, 6), round(moved.point.y, 6)) == (NEXT_CELL, lon, lat)


@pytest.mark.parametrize(
    ("place", "code"),
    [((110.0, 40.0), "point_outside"), (PLACES[OTHER_CELL], "far_from_cell")],
    ids=["nowhere", "other street"],
)
def test_a_place_elsewhere_is_refused_and_says_what_to_do(
    town: Town, anna: Resident, place: tuple[float, float], code: str
) -> None:
    answer = anna.post(f"/cells/{CELL}/reports", report(lon=place[0], lat=place[1]))
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"id": "x"}, {"key": None}, {"class_key": 7}, {"class_key": "none/event/1"}, {"text": "长" * 501}, {"text": "a\x00"},
        {"lon": 200, "lat": 0}, {"lon": "NaN", "lat": 1}, {"text": {"a": 1}},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_of_a_wrong_type_is_refused_and_opens_nothing(
    town: Town, anna: Resident, change: dict[str, Any]
) -> None:
    answer = anna.post(f"/cells/{CELL}/reports", report(**change))
    assert answer.status_code == 422
    assert answer.json()["fields"]
    assert not Incident.objects.exists()


def test_a_repeat_gets_the_first_receipt_and_makes_nothing(town: Town, anna: Resident) -> None:
    body = report()
    first = anna.post(f"/cells/{CELL}/reports", body)
    before = counts()
    again = anna.post(f"/cells/{CELL}/reports", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json() | {"replayed": True}
    assert counts() == before


@pytest.mark.parametrize(
    "change", [{"key": "9c8e1a58-52db-47bc-b72b-8dca97bcb2c3"}, {"text": "别的"}, {"class_key": LID}], ids=str
)
def test_an_id_without_its_own_key_and_words_is_refused_and_tells_no_password(
    town: Town, anna: Resident, change: dict[str, Any]
) -> None:
    """Who works here reads the id of a case: it must not open the resident's receipt."""
    body = report()
    password = anna.post(f"/cells/{CELL}/reports", body).json()["password"]
    answer = anna.post(f"/cells/{CELL}/reports", body | change)
    assert (answer.status_code, answer.json()["code"]) == (409, "id_reused")
    assert password not in answer.content.decode()


def test_the_id_of_a_workers_case_is_refused(town: Town, anna: Resident) -> None:
    mine = town.worker.report()
    answer = anna.post(f"/cells/{CELL}/reports", report(id=mine["id"]))
    assert (answer.status_code, answer.json()["code"]) == (409, "id_reused")


@pytest.mark.django_db(transaction=True)
def test_the_same_report_eight_times_at_once_is_one_case_and_one_receipt() -> None:
    factories.town()
    body = report()
    answers = at_once([lambda: Resident().post(f"/cells/{CELL}/reports", body)] * 8)
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({(answer.json()["number"], answer.json()["password"]) for answer in answers}) == 1
    assert Incident.objects.count() == Receipt.objects.count() == 1


def test_the_password_is_kept_as_a_hash_and_nowhere_else(town: Town, anna: Resident) -> None:
    receipt = anna.send()
    stored = Receipt.objects.get()
    assert check_password(receipt.password, stored.password)
    assert receipt.password not in stored.password
    assert not Inbox.objects.exists()


def test_no_session_is_read_and_none_is_begun(town: Town, anna: Resident) -> None:
    """A page elsewhere that posts with a worker's cookies does nothing in her name: there is no name."""
    browser = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    browser.force_login(town.worker.user)
    body = report()
    answer = browser.post(f"/api/public/cells/{CELL}/reports", body, content_type="application/json")
    assert answer.status_code == 201
    assert not answer.cookies
    assert Incident.objects.get(pk=body["id"]).reporter is None


anything = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.sampled_from(["\x00", "\ud800", 2**63])
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
FIELDS = st.sampled_from(["id", "key", "class_key", "text", "lon", "lat", "number", "password", "outcome"])


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.dictionaries(FIELDS, anything, min_size=1, max_size=3))
def test_no_body_brings_a_public_endpoint_down(town: Town, anna: Resident, changes: dict[str, Any]) -> None:
    paths = [f"/cells/{CELL}/reports", "/receipts", "/receipts/answer", "/receipts/rating"]
    for path in paths:
        body = report(number="260101-000000", password="x", outcome="solved") | changes
        assert anna.post(path, body).status_code in (201, 400, 404, 409, 422, 429), (path, body)


# --- photos ---


def test_a_photo_of_a_resident_is_part_of_the_case_and_comes_once(town: Town, anna: Resident) -> None:
    receipt = anna.send()
    photo_id = str(uuid4())
    first, again = anna.upload(receipt, id=photo_id), anna.upload(receipt, id=photo_id)
    assert (first.status_code, again.status_code) == (201, 200)
    assert [p["id"] for p in card(town.acceptor, receipt)["photos"]] == [photo_id]
    assert Attachment.objects.get().uploaded_by is None
    assert body_of(town.acceptor.get(f"/photos/{photo_id}")).startswith(b"\xff\xd8")


def test_a_photo_of_thirty_megabytes_is_too_large(town: Town, anna: Resident) -> None:
    receipt = anna.send()
    answer = anna.upload(receipt, SimpleUploadedFile("a.jpg", b"\xff\xd8" + b"a" * 30_000_000))
    assert (answer.status_code, answer.json()["code"]) == (413, "photo_too_large")
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"%PDF-1.7", "photo_not_an_image"), (b"", "photo_not_an_image"), (b"<svg onload=x>", "photo_not_an_image"),
     (b"\0\0\0\x18ftypheic" + b"a" * 20, "photo_heic"), (photo().getvalue()[:900], "photo_truncated")],
)  # fmt: skip
def test_what_is_no_photo_is_refused_in_words(town: Town, anna: Resident, data: bytes, code: str) -> None:
    answer = anna.upload(anna.send(), SimpleUploadedFile("a.jpg", data))
    assert answer.status_code == 422
    assert answer.json()["code"] == code


def test_a_photo_needs_the_password_and_six_are_the_most(town: Town, anna: Resident) -> None:
    receipt = anna.send()
    refused = anna.upload(receipt, password="AAAA-AAAA")
    assert (refused.status_code, refused.json()["code"]) == (404, "no_receipt")
    statuses = [
        anna.upload(receipt, photo(colour=colour)).status_code
        for colour in ("red", "blue", "green", "gold", "pink", "navy")
    ]
    assert statuses == [201] * 6
    assert anna.upload(receipt, photo(colour="black")).json()["code"] == "too_many_photos"


def test_a_photo_of_one_receipt_is_not_added_to_another_under_the_same_id(town: Town, anna: Resident) -> None:
    photo_id = str(uuid4())
    anna.upload(anna.send(), id=photo_id)
    assert anna.upload(anna.send(), id=photo_id).json()["code"] == "id_reused"


# --- limits ---


@pytest.fixture
def strict(request: pytest.FixtureRequest) -> Any:
    own = request.getfixturevalue("settings")
    own.PUBLIC_LIMITS = own.PUBLIC_LIMITS | {"report.address": (3, 3600), "report.cell": (5, 3600)}
    return own


def test_one_address_reports_so_often_and_is_told_when_to_come_again(town: Town, strict: Any) -> None:
    anna, ben = Resident(), Resident("203.0.113.8")
    for _ in range(3):
        anna.send()
    answer = anna.post(f"/cells/{NEXT_CELL}/reports", report())
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many")
    assert 0 < int(answer["Retry-After"]) <= 3600
    again = timezone.datetime.fromisoformat(answer.json()["detail"]["again_at"])  # type: ignore[attr-defined]
    assert timezone.now() < again <= timezone.now() + timedelta(hours=1)
    assert f"{timezone.localtime(again):%H:%M}" in answer.json()["message"]
    ben.send()


def test_one_cell_takes_so_many_from_wherever_they_come(town: Town, strict: Any) -> None:
    for last in range(5):
        Resident(f"203.0.113.{last}").send()
    assert Resident("203.0.113.99").post(f"/cells/{CELL}/reports", report()).status_code == 429
    Resident("203.0.113.99").send(cell=NEXT_CELL)


def test_a_repeat_is_answered_though_the_limit_is_reached(town: Town, strict: Any) -> None:
    anna, body = Resident(), report()
    anna.post(f"/cells/{CELL}/reports", body)
    anna.send()
    anna.send()
    assert anna.post(f"/cells/{CELL}/reports", report()).status_code == 429
    assert anna.post(f"/cells/{CELL}/reports", body).status_code == 200


def test_neighbours_of_one_ipv6_network_are_one_home(town: Town, strict: Any) -> None:
    for last in range(3):
        Resident(f"2001:db8::{last}").send()
    assert Resident("2001:db8::ffff").post(f"/cells/{CELL}/reports", report()).status_code == 429
    Resident("2001:db8:0:1::1").send()


@pytest.mark.parametrize(("proxies", "status"), [(0, 429), (1, 201)])
def test_a_forwarded_address_counts_only_as_far_as_our_own_proxy_wrote_it(
    town: Town, strict: Any, proxies: int, status: int
) -> None:
    strict.PROXIES = proxies
    answers = [
        Resident().post(f"/cells/{CELL}/reports", report(), **{"x-forwarded-for": f"10.0.0.{n}, 198.51.100.{n}"})
        for n in range(4)
    ]
    assert answers[-1].status_code == status
    if proxies:  # what the client wrote itself, left of that, changes nothing
        same = [
            Resident().post(
                f"/cells/{NEXT_CELL}/reports", report(), **{"x-forwarded-for": f"10.9.0.{n}, 198.51.100.77"}
            )
            for n in range(4)
        ]
        assert [answer.status_code for answer in same] == [201, 201, 201, 429]


def test_no_address_is_stored_and_what_is_counted_is_forgotten(town: Town, anna: Resident) -> None:
    anna.send()
    names = "".join(Count.objects.values_list("bucket", flat=True))
    assert Count.objects.count() == 2
    assert anna.address not in names
    Count.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    Salt.objects.update(day=timezone.now().date() - timedelta(days=2))
    call_command("tick")
    assert not Count.objects.exists()
    assert not Salt.objects.exists()


# --- the code on the wall ---


def test_the_code_of_a_cell_is_for_those_who_may_view_it(town: Town) -> None:
    answer = town.community.get(f"/areas/{CELL}/qr.svg")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
    assert answer.content.startswith(b"<svg")
    for caller, code in (
        (town.community, OTHER_CELL),
        (town.stranger, CELL),
        (town.director, "990101001"),
        (town.director, "x"),
    ):
        assert caller.get(f"/areas/{code}/qr.svg").status_code == 404
