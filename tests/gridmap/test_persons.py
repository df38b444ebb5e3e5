"""People by service: registered once with their consent, masked, opened for a reason, ended, copied and deleted."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from shapely import box

from gridmap import actions as kernel
from gridmap.actions import persons_end
from gridmap.actions.cells import NewCell, recut
from gridmap.errors import MESSAGES
from gridmap.models import AccessLook, Consent, PersonKey, Place, Role, ServedPerson, StreamEvent, Tombstone
from gridmap.services import SERVICES, WITHDRAWN_DAYS
from tests import factories
from tests.endpoints import endpoints
from tests.factories import CELL, COMMUNITY, NEXT_CELL, OTHER_CELL, PLACES, STREET, Caller, Town
from tests.persons import (
    AT_PLACE,
    NAME,
    NEED,
    PHONE,
    REASON,
    body,
    change,
    listed,
    put_person,
    put_place,
    register,
    reveal,
    step,
)


def events_of(person: dict[str, Any]) -> list[str]:
    mine = StreamEvent.objects.filter(object_id=person["id"]).order_by("seq")
    return list(mine.values_list("kind", flat=True))


# --- registered


def test_who_agreed_is_registered_and_shown_masked(town: Town) -> None:
    made = register(town.worker, need=NEED, birth_year=1941)
    [row] = listed(town.worker)
    assert (row["id"], row["name"], row["phone"]) == (made["id"], "欧阳*", "138****5678")
    assert (row["area"], row["area_name"], row["closed"]) == (CELL, "第一网格", False)
    assert row["consent"] == {
        "form": 1, "how": "written", "given_on": str(timezone.localdate()), "withdrawn_on": None
    }  # fmt: skip
    assert {"need", "birth_year"} & set(row) == set()
    event = StreamEvent.objects.get(object_id=made["id"])
    assert (event.kind, event.area_code) == ("person.registered", CELL)
    assert event.payload == {"service": "care", "fields": ["birth_year", "name", "need", "phone"]}


def test_sent_again_under_its_id_somebody_is_registered_once(town: Town) -> None:
    sent = body()
    first, again = (town.worker.post("/persons/care", sent) for _ in range(2))
    assert (first.status_code, again.status_code, again.json()["replayed"]) == (201, 200, True)
    assert ServedPerson.objects.count() == PersonKey.objects.count() == Consent.objects.count() == 1
    other = town.worker.post("/persons/care", sent | {"phone": "13900001111"})
    assert (other.status_code, other.json()["code"]) == (409, "id_reused")


@pytest.mark.parametrize(
    ("again", "known"),
    [
        ({}, True),
        ({"phone": "138-1234 5678", "name": "欧阳紫萱 "}, True),
        ({"phone": ""}, True),
        ({"phone": "", "cell": NEXT_CELL}, False),
        ({"cell": NEXT_CELL}, True),
        ({"phone": "13900001111"}, False),
        ({"name": "欧阳子轩"}, False),
    ],
)
def test_one_record_per_person_who_is_known_to_a_service_is_not_registered_anew(
    town: Town, again: dict[str, Any], known: bool
) -> None:
    clerk = Caller(factories.user("clerk", Role.COMMUNITY, STREET))
    made = register(clerk)
    answer = clerk.post("/persons/care", body(**again))
    assert answer.status_code == (409 if known else 201)
    if known:
        assert (answer.json()["code"], answer.json()["detail"]) == ("person_known", {"id": made["id"], "area": CELL})
        register(clerk, another=True, **again)


def test_that_somebody_is_known_elsewhere_is_not_told(town: Town) -> None:
    register(town.second_worker, cell=NEXT_CELL)
    register(town.worker)
    register(town.worker, "disability")
    assert [len(listed(caller)) for caller in (town.worker, town.second_worker, town.community)] == [1, 1, 2]


def test_the_cell_is_where_postgis_says_and_nowhere_else(town: Town) -> None:
    register(town.worker, cell=NEXT_CELL, expect=403)
    lon, lat = PLACES[CELL]
    register(town.worker, lon=lon + 90, lat=lat, expect=422)
    assert ServedPerson.objects.count() == 0


@pytest.mark.parametrize(
    ("service", "changes", "field", "code"),
    [
        ("care", {"name": ""}, "name", "name_needed"),
        ("care", {"name": "长" * 41}, "name", "too_long"),
        ("care", {"phone": "1381234567"}, "phone", "bad_phone"),
        ("care", {"phone": "12345678901"}, "phone", "bad_phone"),
        ("care", {"birth_year": 1850}, "birth_year", "bad_year"),
        ("care", {"birth_year": 2150}, "birth_year", "bad_year"),
        ("care", {"need": "证件 11010119900307451X"}, "need", "number_of_papers"),
        ("disability", {"birth_year": 1950}, "birth_year", "not_taken"),
        ("allowance", {"need": "米和油"}, "need", "not_taken"),
    ],
)
def test_a_service_takes_what_it_needs_and_nothing_else(
    town: Town, service: str, changes: dict[str, Any], field: str, code: str
) -> None:
    answer = register(town.worker, service, expect=422, **changes)
    assert answer["fields"] == {field: MESSAGES[code][1]}
    assert ServedPerson.objects.count() == 0


@pytest.mark.parametrize(
    "number",
    [
        "13812345678",
        "+86 138 1234 5678",
        "0086 138 1234 5678",
        "0830-1234567",
        "010 12345678",
        "１３８１２３４５６７８",
        "138·1234·5678",
    ],
)
def test_numbers_are_taken_as_people_write_them(town: Town, number: str) -> None:
    assert reveal(town.worker, register(town.worker, phone=number))["values"]["phone"].lstrip("+").isdecimal()


@pytest.mark.parametrize(
    ("consent", "code"),
    [
        ({"form": 0, "how": "oral", "given_on": "2026-01-05"}, "old_form"),
        ({"form": 1, "how": "oral", "given_on": "2999-01-05"}, "future_date"),
        ({"form": 1, "how": "guessed", "given_on": "2026-01-05"}, "invalid"),
        (None, "invalid"),
    ],
)
def test_nobody_is_registered_without_a_consent_to_the_form_in_force(town: Town, consent: Any, code: str) -> None:
    assert register(town.worker, consent=consent, expect=422)["code"] == code
    assert ServedPerson.objects.count() == 0


# --- looked for


def test_a_list_is_of_one_service_and_of_ones_own_area(town: Town) -> None:
    mine, _ = register(town.worker), register(town.second_worker, cell=NEXT_CELL)
    register(town.other_worker, cell=OTHER_CELL, name="张三")
    register(town.worker, "disability")
    assert [row["id"] for row in listed(town.worker)] == [mine["id"]]
    assert {row["area"] for row in listed(town.community)} == {CELL, NEXT_CELL}
    assert [row["area"] for row in listed(town.community, query=f"?area={NEXT_CELL}")] == [NEXT_CELL]
    assert listed(town.community, "job_seeking") == []


def test_a_search_is_exact_in_one_service_and_ones_own_area(town: Town) -> None:
    mine = register(town.worker)
    register(town.worker, "disability")
    register(town.other_worker, cell=OTHER_CELL)

    def found(caller: Caller, service: str = "care", **asked: str) -> list[str]:
        answer = caller.post(f"/persons/{service}/search", asked)
        assert answer.status_code == 200
        return [row["id"] for row in answer.json()["people"]]

    assert found(town.worker, name=NAME) == found(town.worker, phone=" 138 1234 5678") == [mine["id"]]
    assert found(town.worker, name=NAME, phone=PHONE) == [mine["id"]]
    for written in ("0086 13812345678", "(+86) 138·1234·5678"):
        assert found(town.worker, phone=written) == [mine["id"]]
    assert found(town.worker, name="欧阳·紫萱") == [mine["id"]]
    assert found(town.worker, name="欧阳") == found(town.worker, phone="1381234567") == found(town.worker) == []
    assert found(town.worker, name=NAME, phone="13900001111") == found(town.worker, "job_seeking", name=NAME) == []


def test_no_endpoint_reaches_people_of_two_services(town: Town) -> None:
    of_people = [e for e in endpoints() if "/persons" in e]
    assert len(of_people) > 8
    assert [e for e in of_people if "/persons/{service}" not in e] == []
    assert len(set(SERVICES)) == 4
    made = register(town.worker)
    assert reveal(town.worker, made, "disability", expect=404)["code"] == "not_found"
    for service in ("all", "", "care,disability", "*"):
        assert town.worker.get(f"/persons/{service}").status_code == 404


def test_a_long_list_is_read_a_page_at_a_time(town: Town) -> None:
    for number in range(53):
        put_person(town.worker.user, name=f"张{number}", phone="")
    first = town.worker.get("/persons/care").json()
    assert (len(first["people"]), first["more"]) == (50, True)
    rest = town.worker.get(f"/persons/care?after={first['people'][-1]['id']}").json()
    assert (len(rest["people"]), rest["more"]) == (3, False)
    assert len({row["id"] for row in first["people"] + rest["people"]}) == 53


# --- ended


def test_consent_withdrawn_ends_the_service_and_schedules_deletion(town: Town) -> None:
    made = register(town.worker)
    after = step(town.worker, made, "withdrawal")
    [row] = listed(town.worker, query="?ended=true")
    today = timezone.localdate()
    assert (row["ended"], row["purge_after"]) == (str(today), str(today + timedelta(days=WITHDRAWN_DAYS)))
    assert (row["consent"]["withdrawn_on"], listed(town.worker)) == (str(today), [])
    assert step(town.worker, after, "withdrawal", expect=409)["code"] == "no_consent"
    assert change(town.worker, after, need="x", expect=409)["code"] == "person_ended"
    step(town.worker, after, "consent", **body()["consent"])
    assert [row["purge_after"] for row in listed(town.worker)] == [None]
    assert events_of(made) == ["person.registered", "person.withdrew", "person.consented"]
    assert Consent.objects.count() == 2


def test_a_service_that_ended_is_kept_as_long_as_its_form_said(town: Town) -> None:
    for service, one in SERVICES.items():
        made = register(town.worker, service)
        after = step(town.worker, made, "end", service)
        [row] = listed(town.worker, service, "?ended=true")
        assert row["purge_after"] == str(timezone.localdate() + timedelta(days=one.keep_days))
        assert step(town.worker, after, "end", service, expect=409)["code"] == "person_ended"


def test_when_the_time_is_over_the_clock_deletes_and_leaves_a_tombstone_without_values(town: Town) -> None:
    kept, ended, withdrew = (register(town.worker, name=name) for name in ("张一", "张二", "张三"))
    step(town.worker, ended, "end")
    step(town.worker, withdrew, "withdrawal")
    today = timezone.localdate()
    assert persons_end.purge(today + timedelta(days=WITHDRAWN_DAYS)) == 0
    assert persons_end.purge(today + timedelta(days=WITHDRAWN_DAYS + 1)) == 1
    assert persons_end.purge(today + timedelta(days=500)) == 1
    assert persons_end.purge(today + timedelta(days=500)) == 0
    stones = {
        str(stone.pk): (stone.why, stone.service, stone.area_code, stone.user) for stone in Tombstone.objects.all()
    }
    assert stones == {ended["id"]: ("retention", "care", CELL, None), withdrew["id"]: ("withdrawn", "care", CELL, None)}
    assert [str(pk) for pk in PersonKey.objects.values_list("pk", flat=True)] == [kept["id"]]
    assert events_of(ended)[-1] == events_of(withdrew)[-1] == "person.deleted"


def test_whoever_is_deleted_is_gone_with_her_key_and_her_id_is_not_given_again(town: Town) -> None:
    made = register(town.community)
    backup = ServedPerson.objects.get(pk=made["id"])
    step(town.community, made, "deletion", why="request")
    assert (ServedPerson.objects.count(), PersonKey.objects.count(), Consent.objects.count()) == (0, 0, 0)
    assert Tombstone.objects.get().why == "request"
    assert AccessLook.objects.get(action="delete").persons == [backup.pk]
    kernel.purge_inbox(timezone.now() + timedelta(days=1))
    assert register(town.community, id=made["id"], expect=409)["code"] == "id_reused"
    backup.save(force_insert=True)  # her row from a backup: the key that opened it is nowhere
    assert reveal(town.community, made, expect=503)["code"] == "person_closed"
    assert [(row["name"], row["closed"]) for row in listed(town.community)] == [("", True)]


def test_a_row_under_the_key_of_another_is_not_opened(town: Town) -> None:
    one, two = (register(town.worker, name=name) for name in ("张一", "李二"))
    sealed = ServedPerson.objects.get(pk=two["id"]).sealed
    ServedPerson.objects.filter(pk=one["id"]).update(sealed=sealed)
    PersonKey.objects.filter(pk=one["id"]).update(locked=PersonKey.objects.get(pk=two["id"]).locked)
    reveal(town.worker, one, expect=503)


# --- for herself


def test_a_person_gets_a_copy_of_all_that_is_kept_of_her(town: Town) -> None:
    made = register(town.community, need=NEED)
    reveal(town.worker, made, fields=["phone"])
    copy = step(town.community, made, "copy", purpose="request", words="本人到场索取")
    lon, lat = PLACES[CELL]
    assert copy["values"] == {
        "name": NAME,
        "phone": PHONE,
        "birth_year": None,
        "need": NEED,
        "point": [lon, lat],
        "place": None,
    }
    assert copy["service"]["ground_zh"].startswith("个人信息保护法")
    assert [(look["action"], look["purpose"]) for look in copy["looks"]] == [("reveal", "visit"), ("export", "request")]
    assert len(copy["consents"]) == 1
    assert step(town.worker, made, "copy", expect=403, **REASON)["code"] == "forbidden"


def test_an_address_is_a_place_of_the_register_sealed_and_shown_for_a_reason(town: Town) -> None:
    place = put_place()
    flat = Place.objects.create(id=uuid4(), kind="dwelling", name="101", parent=place, title="3幢 101", **AT_PLACE)
    made = register(town.community, place=str(flat.pk), lon=None, lat=None, phone="")
    row = ServedPerson.objects.get(pk=made["id"])
    assert (row.area_code, str(flat.pk) in str(row.__dict__)) == (CELL, False)
    assert reveal(town.worker, made, fields=["place"])["values"] == {"place": "3幢 101"}
    assert StreamEvent.objects.get(object_id=made["id"]).payload["fields"] == ["name", "place"]
    copy = step(town.community, made, "copy", **REASON)
    assert copy["values"]["place"] == "3幢 101"
    made = change(town.community, made, place=str(place.pk))
    assert reveal(town.worker, made, fields=["place"])["values"] == {"place": "3幢"}
    assert register(town.worker, "job_seeking", place=str(place.pk), expect=422)["fields"] == {
        "place": MESSAGES["not_taken"][1]
    }
    register(town.other_worker, place=str(place.pk), expect=404)  # not hers to see
    assert register(town.worker, lon=None, lat=None, expect=422)["fields"] == {"place": MESSAGES["where_needed"][1]}


def test_when_cells_are_cut_anew_people_go_to_the_cell_in_which_they_live(town: Town) -> None:
    stays, goes = put_person(town.community.user), put_person(town.community.user, cell=NEXT_CELL, name="张三")
    shapes = [box(105.0, 28.0, 105.01, 28.02), box(105.01, 28.0, 105.02, 28.005), box(105.01, 28.005, 105.02, 28.02)]
    done = recut(town.administrator.user, COMMUNITY, [NewCell(shape) for shape in shapes])
    assert done.moved["people"] == 1
    assert ServedPerson.objects.get(pk=stays.pk).area_code == CELL
    assert ServedPerson.objects.get(pk=goes.pk).area_code == done.codes[2]
    assert events_of({"id": str(goes.pk)}) == ["person.registered", "person.moved"]
    assert [row["id"] for row in listed(town.second_worker)] == [str(goes.pk)]  # who served the cell still meets her


def test_cells_are_cut_anew_without_the_keys_too(town: Town, settings: Any, tmp_path: Any) -> None:
    goes = put_person(town.community.user, cell=NEXT_CELL)
    settings.KEYS_FILE = tmp_path / "gone"
    shapes = [box(105.0, 28.0, 105.01, 28.02), box(105.01, 28.0, 105.02, 28.015), box(105.01, 28.015, 105.02, 28.02)]
    done = recut(town.administrator.user, COMMUNITY, [NewCell(shape) for shape in shapes])
    assert ServedPerson.objects.get(pk=goes.pk).area_code == done.codes[1]  # the larger part


# --- off


@pytest.mark.parametrize("who", ["worker", "community", "director", "auditor"])
def test_while_person_data_is_off_nothing_opens_and_no_page_is_offered(town: Town, settings: Any, who: str) -> None:
    made, caller = register(town.worker), town.callers[who]
    settings.PERSON_DATA = False
    asked = [
        caller.get("/services"), caller.get("/persons/care"), caller.post("/persons/care", body()), caller.get("/looks"),
        caller.get("/looks/chains"), caller.post("/persons/care/search", {"name": NAME}),
        caller.post(f"/persons/care/{made['id']}/reveal", REASON | {"fields": ["phone"]}),
        caller.post(f"/persons/care/{made['id']}/copy", REASON),
        caller.post(f"/persons/care/{made['id']}/end", {"mutation_id": str(uuid4()), "version": 1}),
    ]  # fmt: skip
    assert {(answer.status_code, answer.json()["code"]) for answer in asked} == {(404, "person_data_off")}
    assert [a for a in caller.get("/me").json()["actions"] if a.startswith(("person.", "looks."))] == []
    assert persons_end.purge() == 0  # what has to be deleted is deleted all the same


def test_without_the_keys_nothing_is_shown_or_taken_and_the_reason_is_said(
    town: Town, settings: Any, tmp_path: Any
) -> None:
    made = register(town.worker)
    settings.KEYS_FILE = tmp_path / "gone"
    for answer in (
        reveal(town.worker, made, expect=503),
        register(town.worker, expect=503),
        town.worker.get("/persons/care").json(),
    ):
        assert answer["code"] == "keys_missing"
