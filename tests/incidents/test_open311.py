"""Open311 GeoReport v2 as another system uses it: discovery, services, reporting, reading, and the errors of the standard."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils import timezone

from gridmap import actions as kernel
from gridmap.models import Role
from incidents.models import Incident
from tests import factories
from tests.factories import CELL, LID, LITTER, OTHER_CELL, OTHER_STREET, PLACES, STREET, Town
from tests.rows import counts

LITTER_CODE, LID_CODE = (key.replace("/", ":") for key in (LITTER, LID))
# The standard's elements in its order.
REQUEST = [
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description", "agency_responsible",
    "service_notice", "requested_datetime", "updated_datetime", "expected_datetime", "address", "address_id", "zipcode",
    "lat", "long", "media_url",
]  # fmt: skip
SERVICE = ["service_code", "service_name", "description", "metadata", "type", "keywords", "group"]
ATTRIBUTE = ["variable", "code", "datatype", "required", "datatype_description", "order", "description", "values"]


class System:
    """Another system with the key of an account."""

    def __init__(self, key: str = "", language: str = "zh") -> None:
        self.key = key
        self.client = Client(headers={"host": "localhost", "accept-language": language})

    def get(self, path: str, **asked: Any) -> Any:
        return self.client.get(f"/open311/v2/{path}?{urlencode({'api_key': self.key} | asked)}")

    def post(self, form: str = "json", headers: Any = None, **changes: Any) -> Any:
        lon, lat = PLACES[CELL]
        body = {"api_key": self.key, "service_code": LITTER_CODE, "lat": lat, "long": lon} | changes
        sent = urlencode({name: value for name, value in body.items() if value is not None}, doseq=True)
        where = f"/open311/v2/requests.{form}"
        return self.client.post(where, sent, content_type="application/x-www-form-urlencoded", headers=headers)


@pytest.fixture
def system(town: Town) -> System:
    """A city's hotline application with the key of an acceptor."""
    return System(town.acceptor.token)


def names(element: ElementTree.Element) -> list[str]:
    return [child.tag for child in element]


def xml(answer: Any, root: str) -> ElementTree.Element:
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert answer.content.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    found = ElementTree.fromstring(answer.content)  # noqa: S314  # our own
    assert found.tag == root
    return found


# --- what can be reported ---


def test_discovery_says_where_and_how_in_both_formats(town: Town) -> None:
    found = System().get("discovery.json").json()
    assert list(found) == ["changeset", "contact", "key_service", "endpoints"]
    assert found["endpoints"][0]["specification"] == "http://wiki.open311.org/GeoReport_v2"
    assert found["endpoints"][0]["url"].endswith("/open311/v2")
    root = xml(System().get("discovery.xml"), "discovery")
    assert names(root) == list(found)
    assert names(root.find("endpoints/endpoint")) == ["specification", "url", "changeset", "type", "formats"]  # type: ignore[arg-type]
    assert [f.text for f in root.findall("endpoints/endpoint/formats/format")] == ["text/xml", "application/json"]


def test_services_are_open_and_have_the_standards_elements(town: Town) -> None:
    root = xml(System().get("services.xml", jurisdiction_id=STREET), "services")
    assert {child.tag for child in root} == {"service"}
    assert all(names(service) == SERVICE for service in root)
    rows = System(language="en").get("services.json").json()
    assert [row["service_code"] for row in rows] == [service.findtext("service_code") for service in root]
    assert {row["type"] for row in rows} == {"realtime"}
    assert not any("matter" in row["service_code"] for row in rows)


def test_a_class_with_several_conditions_asks_for_one(town: Town) -> None:
    rows = {row["service_code"]: row["metadata"] for row in System().get("services.json").json()}
    assert (rows[LITTER_CODE], rows[LID_CODE]) == (False, True)
    root = xml(System().get(f"services/{LID_CODE}.xml"), "service_definition")
    assert names(root) == ["service_code", "attributes"]
    attribute = root.find("attributes/attribute")
    assert attribute is not None
    assert names(attribute) == ATTRIBUTE
    assert [v.findtext("key") for v in attribute.findall("values/value")] == ["1", "2", "3", "4"]
    assert System().get(f"services/{LITTER_CODE}.json").json()["attributes"] == []


# --- reporting ---


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_report_opens_a_case_that_the_street_sees_at_once(town: Town, system: System, form: str) -> None:
    answer = system.post(form, description="路口有垃圾", address_string="望江路1号", jurisdiction_id=STREET)
    assert answer.status_code == 200, answer.content
    if form == "xml":
        root = xml(answer, "service_requests")
        assert names(root[0]) == ["service_request_id", "service_notice", "account_id"]
        made = root[0].findtext("service_request_id")
    else:
        assert list(answer.json()[0]) == ["service_request_id", "service_notice", "account_id"]
        made = answer.json()[0]["service_request_id"]
    case = town.director.get(f"/incidents/{made}").json()
    assert (case["state"], case["source"], case["area"]) == ("reported", "open311", CELL)
    assert (case["description"], case["address"]) == ("路口有垃圾", "望江路1号")


def test_what_another_system_reports_is_verified_before_it_is_filed(town: Town, system: System) -> None:
    made = system.post().json()[0]["service_request_id"]
    town.director.act(town.director.detail({"id": made}), "file", expect=409)


def test_who_reports_is_kept_nowhere_and_no_address_is_opened(town: Town, system: System) -> None:
    person = {
        "first_name": "张",
        "last_name": "三丰",
        "phone": "13900001111",
        "email": "zhang@example.org",
        "device_id": "dev-7",
    }
    answer = system.post(**person, media_url="http://127.0.0.1:1/photo.jpg")
    assert "media_url" in answer.json()[0]["service_notice"]
    row = str(Incident.objects.filter(pk=answer.json()[0]["service_request_id"]).values().get())
    assert [value for value in [*person.values(), "photo.jpg"] if value in row] == []


def test_a_condition_is_taken_as_an_attribute(town: Town, system: System) -> None:
    made = system.post(service_code=LID_CODE, **{"attribute[condition]": "2"}).json()[0]["service_request_id"]
    assert town.director.detail({"id": made})["condition"]["number"] == 2
    for wrong in ("9", "x", "١"):
        assert system.post(service_code=LID_CODE, **{"attribute[condition]": wrong}).status_code == 400


def test_sent_again_under_its_key_a_report_is_one_report(town: Town, system: System) -> None:
    first, again = (system.post(headers={"idempotency-key": "hotline-17"}, description="垃圾") for _ in range(2))
    assert first.json()[0]["service_request_id"] == again.json()[0]["service_request_id"]
    assert Incident.objects.count() == 1
    assert system.post(headers={"idempotency-key": "hotline-17"}, description="其他").status_code == 400


WRONG: list[tuple[dict[str, Any], int, str]] = [
    ({"api_key": ""}, 403, "api_key"),
    ({"api_key": "guess"}, 403, "api_key"),
    ({"service_code": None}, 400, "service_code"),
    ({"service_code": "GB30428.2-2013:event:9999"}, 404, ""),
    ({"service_code": "::"}, 404, ""),
    ({"service_code": "\x00"}, 400, "service_code"),
    ({"jurisdiction_id": "123456"}, 404, "jurisdiction_id"),
    ({"jurisdiction_id": "city.gov"}, 404, "jurisdiction_id"),
    ({"jurisdiction_id": OTHER_STREET}, 400, "jurisdiction_id"),
    ({"lat": None, "address_string": "望江路1号"}, 400, "lat"),
    ({"lat": "", "long": ""}, 400, "lat"),
    ({"lat": "north"}, 400, "lat"),
    ({"lat": "nan"}, 400, "lat"),
    ({"lat": "1", "long": "1"}, 400, ""),  # outside all areas
    ({"long": "105.025"}, 403, ""),  # in another street than the key's
    ({"description": "x" * 4001}, 400, "description"),
    ({"description": "a\x00b"}, 400, "description"),
]


@pytest.mark.parametrize(("change", "status", "named"), WRONG)
def test_what_is_wrong_is_said_in_the_standards_shape_and_nothing_is_kept(
    town: Town, system: System, change: dict[str, Any], status: int, named: str
) -> None:
    before = counts()
    answer = system.post("xml", **change)
    root = xml(answer, "errors")
    assert answer.status_code == status, answer.content
    assert [names(error) for error in root] == [["code", "description"]] * len(root)
    assert [error.findtext("code") for error in root] == [str(status)] * len(root)
    assert named in root[0].findtext("description", "")
    twin = system.post("json", **change).json()
    assert [e["description"] for e in twin] == [error.findtext("description") for error in root]
    assert counts() == before


def test_the_key_of_who_may_not_report_reports_nothing(town: Town) -> None:
    for who in ("auditor", "planner", "administrator", "stranger", "handler"):
        assert System(town.callers[who].token).post().status_code == 403, who
    assert Incident.objects.count() == 0


# --- reading ---


def test_a_request_has_the_standards_elements_in_order_in_both_formats(town: Town, system: System) -> None:
    made = system.post().json()[0]["service_request_id"]
    row: dict[str, Any] = {}
    for path in ("requests", f"requests/{made}"):
        root = xml(system.get(f"{path}.xml"), "service_requests")
        assert [names(request) for request in root] == [REQUEST]
        row = system.get(f"{path}.json").json()[0]
        assert list(row) == REQUEST
        shown = {child.tag: child.text for child in root[0]}
        assert shown == {name: None if value is None else str(value) for name, value in row.items()}
    assert (row["status"], row["status_notes"], row["service_code"]) == ("open", "待受理", LITTER_CODE)
    assert (row["lat"], row["long"]) == (28.01, 105.005)
    assert row["address"] == "第一网格, 江岸社区, 望江街道"
    assert System(town.acceptor.token, "en").get(f"requests/{made}.json").json()[0]["status_notes"] == "Reported"


def test_nobodys_words_and_no_name_are_shown(town: Town, system: System) -> None:
    card = town.worker.report(description="李四门口", address="望江路9号", cell=CELL, lon=105.0051234, lat=28.0149876)
    town.worker.act(card, "note", text="住户王五在家")
    town.acceptor.act(town.director.detail(card), "decline", reason="李四已撤回")
    shown = system.get("requests.json").content.decode()
    hidden = ["李四", "王五", "望江路", "Alice", "alice", "105.00512"]
    assert [word for word in hidden if word in shown] == []
    row = system.get("requests.json").json()[0]
    assert (row["status"], row["status_notes"], row["expected_datetime"]) == ("closed", "不予立案", None)
    assert row["updated_datetime"] >= row["requested_datetime"]


def test_who_is_responsible_and_until_when_is_said_while_it_is_open(town: Town, system: System) -> None:
    card = town.acceptor.act(town.worker.report(), "file")
    card = town.dispatcher.act(card, "assign", department=town.sanitation.pk)
    row = system.get("requests.json").json()[0]
    assert row["agency_responsible"] == "环卫"
    assert row["expected_datetime"] == card["due_at"][:19] + "Z"


def ids(answer: Any) -> set[str]:
    return {row["service_request_id"] for row in answer.json()}


def test_requests_are_found_by_id_class_state_time_and_area(town: Town, system: System) -> None:
    litter, lid = town.worker.report(), town.worker.report(class_key=LID, condition=1)
    done = town.worker.report(self_handled=True)
    Incident.objects.filter(pk=lid["id"]).update(reported_at=timezone.now() - timedelta(days=100))
    both = f"{litter['id']}, {lid['id']},nonsense"
    assert ids(system.get("requests.json", service_request_id=both, status="closed")) == {litter["id"], lid["id"]}
    assert ids(system.get("requests.json")) == {litter["id"], done["id"]}
    assert ids(system.get("requests.json", status="open")) == {litter["id"]}
    assert ids(system.get("requests.json", status="closed", service_code=f"{LID_CODE},{LITTER_CODE}")) == {done["id"]}
    assert ids(system.get("requests.json", service_code="nonsense")) == set()
    old = f"{timezone.now() - timedelta(days=120):%Y-%m-%dT%H:%M:%SZ}"
    assert ids(system.get("requests.json", start_date=old)) == {lid["id"]}
    assert ids(
        system.get("requests.json", end_date=f"{timezone.now() - timedelta(days=50):%Y-%m-%dT%H:%M:%S}+00:00")
    ) == {lid["id"]}
    assert ids(system.get("requests.json", jurisdiction_id=OTHER_STREET)) == set()
    assert ids(system.get("requests.json", status="", page="", jurisdiction_id="")) == {litter["id"], done["id"]}


def test_pages_together_are_the_whole_and_the_newest_comes_first(town: Town, system: System) -> None:
    made = [town.worker.report()["id"] for _ in range(5)]
    pages = [system.get("requests.json", page=page, page_size=2).json() for page in (1, 2, 3, 4)]
    assert [row["service_request_id"] for page in pages for row in page] == made[::-1]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"start_date": "2026-01-01"}, 400),
        ({"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"}, 400),
        ({"start_date": "2026-02-01T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"}, 400),
        ({"end_date": "0001-01-01T00:00:00Z"}, 400),
        ({"status": "half"}, 400),
        ({"page": "0x1"}, 400),
        ({"page": "-1"}, 400),
        ({"page_size": "1001"}, 400),
        ({"jurisdiction_id": "1"}, 404),
        ({"api_key": "guess"}, 403),
        ({"api_key": ""}, 403),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(system: System, asked: dict[str, str], status: int) -> None:
    answer = system.get("requests.json", **asked)
    assert answer.status_code == status, answer.content
    assert [set(error) for error in answer.json()] == [{"code", "description"}] * len(answer.json())


def test_a_format_that_is_none_is_refused_in_xml(system: System) -> None:
    answer = system.get("requests.yaml")
    assert answer.status_code == 400
    assert names(xml(answer, "errors")[0]) == ["code", "description"]


def test_a_key_reads_its_own_areas_and_what_lies_elsewhere_does_not_exist(town: Town, system: System) -> None:
    mine, theirs = town.worker.report()["id"], town.other_worker.report(cell=OTHER_CELL)["id"]
    assert (
        ids(system.get("requests.json"))
        == ids(system.get("requests.json", service_request_id=f"{mine},{theirs}"))
        == {mine}
    )
    for path in (f"requests/{theirs}", f"tokens/{theirs}", "requests/nonsense", f"requests/{'0' * 32}"):
        assert system.get(f"{path}.json").status_code == 404
    assert system.get(f"requests/{mine}.json", jurisdiction_id=OTHER_STREET).status_code == 404
    reader = System(kernel.issue_token(factories.user("city", Role.AUDITOR, "9901"), label="city"))
    assert ids(reader.get("requests.json")) == {mine, theirs}


def test_an_id_is_its_own_token_and_matters_are_not_told(town: Town, system: System) -> None:
    made = system.post().json()[0]["service_request_id"]
    assert system.get(f"tokens/{made}.json").json() == [{"service_request_id": made, "token": made}]
    root = xml(system.get(f"tokens/{made}.xml"), "service_requests")
    assert names(root[0]) == ["service_request_id", "token"]
    from incidents.models import IncidentClass

    IncidentClass.objects.filter(scheme="GB30428.2-2013", domain="event", code="0110").update(domain="matter")
    assert ids(system.get("requests.json")) == set()
    assert system.get(f"tokens/{made}.json").status_code == 404


def test_a_signed_in_browser_is_no_key(town: Town) -> None:
    client = Client(headers={"host": "localhost"})
    client.force_login(town.director.user)
    assert client.get("/open311/v2/requests.json").status_code == 403
    assert (
        client.get("/open311/v2/requests.json", headers={"authorization": f"Bearer {town.director.token}"}).status_code
        == 200
    )


def test_the_document_describes_every_address(db: None) -> None:
    paths = Client(headers={"host": "localhost"}).get("/open311/v2/openapi.json").json()["paths"]
    assert len(paths) == 6
    assert set(paths["/open311/v2/requests.{form}"]) == {"get", "post"}
