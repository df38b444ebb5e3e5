"""Everything tests are made of, in one place: a tiny town of two streets, its people, and callers of the API."""

import json
import uuid
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from typing import Any

from django.contrib.gis.geos import MultiPolygon, Polygon
from django.db import connection
from django.db.models import F
from django.test import Client
from django.utils import timezone
from PIL import Image

from gridmap import actions
from gridmap.models import Area, Department, Role, StreamEvent, User
from incidents import actions as incident_actions
from incidents import catalogue, clock, demands, questions
from incidents.models import Assignment, Demand, Incident, IncidentClass, Procedure, RoutingRule, RuleSet, Run
from incidents.routing import Rule
from tests.snapshot import Snapshot

DISTRICT = "990101"
STREET, OTHER_STREET = "990101001", "990101002"
COMMUNITY = STREET + "001"
CELL, NEXT_CELL = COMMUNITY + "001", COMMUNITY + "002"
OTHER_CELL = OTHER_STREET + "001001"
PLACES = {CELL: (105.005, 28.01), NEXT_CELL: (105.015, 28.01), OTHER_CELL: (105.025, 28.01)}
LITTER = "GB30428.2-2013/event/0110"  # one condition: 4 working hours
MATTER = "local:matters/matter/900"
RELIEF = "local:matters/matter/001"  # shipped: six stages by five people
LID = "GB30428.2-2013/object/0101"  # four conditions, the first within 2 hours round the clock


def box(west: float, east: float) -> MultiPolygon:
    return MultiPolygon(Polygon.from_bbox((west, 28.0, east, 28.02)))


def areas() -> list[Area]:
    """A district with two streets side by side; the first has two cells."""
    return [
        Area(code="99", name="示范省"),
        Area(code="9901", name="示范市"),
        Area(code="990101", name="示范区"),
        Area(code=STREET, name="望江街道", geom=box(105.0, 105.02)),
        Area(code=COMMUNITY, name="江岸社区", geom=box(105.0, 105.02)),
        Area(code=CELL, name="第一网格", geom=box(105.0, 105.01), kind="residential", households=400),
        Area(code=NEXT_CELL, name="第二网格", geom=box(105.01, 105.02), kind="residential", households=350),
        Area(code=OTHER_STREET, name="临湖街道", geom=box(105.02, 105.03)),
        Area(code=OTHER_STREET + "001", name="湖滨社区", geom=box(105.02, 105.03)),
        Area(code=OTHER_CELL, name="第一网格", geom=box(105.02, 105.03)),
    ]


@cache
def class_rows() -> tuple[catalogue.ClassRow, ...]:
    return tuple(catalogue.read_classes())


def user(name: str, role: Role | None = None, area: str = STREET, department: Department | None = None) -> User:
    """A user with one grant. Signing in is not part of most tests, so she has no password."""
    made = actions.put_user(name, name=name.title())
    if role:
        actions.grant(made, role, area, department=department)
    return made


@dataclass
class Caller:
    """A user at the API, as a program with a bearer token."""

    user: User
    client: Client = field(default_factory=lambda: Client(headers={"host": "localhost"}))
    token: str = ""

    def __post_init__(self) -> None:
        self.token = self.token or actions.issue_token(self.user, label="test")

    def _headers(self, language: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}", "accept-language": language}

    def get(self, path: str, language: str = "zh", **headers: str) -> Any:
        return self.client.get(f"/api{path}", headers=self._headers(language) | headers)

    def post(self, path: str, body: Any = None, language: str = "zh") -> Any:
        return self.client.post(
            f"/api{path}", json.dumps(body or {}), content_type="application/json", headers=self._headers(language)
        )

    def send(self, path: str, raw: bytes | str, content_type: str = "application/json", method: str = "POST") -> Any:
        """Send a body as it is, be it well-formed or not."""
        return self.client.generic(method, f"/api{path}", raw, content_type=content_type, headers=self._headers("zh"))

    def put(self, path: str, body: Any = None) -> Any:
        return self.send(path, json.dumps(body or {}), method="PUT")

    def patch(self, path: str, body: Any = None) -> Any:
        return self.send(path, json.dumps(body or {}), method="PATCH")

    def delete(self, path: str) -> Any:
        return self.send(path, "", method="DELETE")

    def upload(self, path: str, **form: Any) -> Any:
        return self.client.post(f"/api{path}", form, headers=self._headers("zh"))

    def report(self, *, expect: int = 201, **changes: Any) -> dict[str, Any]:
        """Report litter in the first cell, or what `changes` says; the card, or the error if `expect` names one."""
        answer = self.post("/incidents", report_body(**changes))
        assert answer.status_code == expect, answer.content.decode()
        body: dict[str, Any] = answer.json()
        return body

    def act(self, card: dict[str, Any], action: str, *, expect: int = 200, **given: Any) -> dict[str, Any]:
        """Take a step on a case; the card after it, or the error if `expect` names one."""
        body = {"mutation_id": str(uuid.uuid4()), "version": card["version"], **given}
        answer = self.post(f"/incidents/{card['id']}/{action}", body)
        assert answer.status_code == expect, answer.content.decode()
        found: dict[str, Any] = answer.json()
        return found

    def detail(self, card: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"/incidents/{card['id']}").json()
        return found


def report_body(**changes: Any) -> dict[str, Any]:
    lon, lat = PLACES[changes.pop("cell", CELL)]
    return {
        "id": str(uuid.uuid4()), "class_key": LITTER, "lon": lon, "lat": lat,
        "occurred_at": datetime.now(UTC).isoformat(), **changes,
    }  # fmt: skip


def ago(**span: float) -> str:
    return (datetime.now(UTC) - timedelta(**span)).isoformat()


def as_if_ago(card: dict[str, Any], span: timedelta) -> None:
    """Put everything that the clocks of a case know so much earlier, as if the time had passed (round the clock)."""
    runs = Run.objects.filter(deadline__incident=card["id"])
    runs.update(started_at=F("started_at") - span, stopped_at=F("stopped_at") - span)
    Incident.objects.filter(pk=card["id"]).update(
        **{name: F(name) - span for name in ("due_at", "soon_at", "again_at")}
    )
    Assignment.objects.filter(incident=card["id"]).update(due_at=F("due_at") - span)


def log_earlier(card: dict[str, Any], span: timedelta) -> None:
    """Let the log say that what happened to a case was so much earlier; the database would refuse to edit it."""
    with connection.cursor() as cursor:
        cursor.execute("alter table gridmap_streamevent disable trigger gridmap_log_is_kept")
        StreamEvent.objects.filter(object_id=card["id"]).update(created_at=F("created_at") - span)
        cursor.execute("alter table gridmap_streamevent enable trigger gridmap_log_is_kept")


def photo(size: tuple[int, int] = (640, 480), colour: str = "teal", **save: Any) -> BytesIO:
    """A JPEG as a camera makes it."""
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", **save)
    out.seek(0)
    out.name = "photo.jpg"
    return out


@dataclass
class Town:
    """The tiny town with one caller per role in the first street, and some of the second."""

    sanitation: Department
    gardens: Department
    callers: dict[str, Caller]

    def __getattr__(self, name: str) -> Caller:
        try:
            return self.callers[name]
        except KeyError:
            raise AttributeError(name) from None


def put_shipped() -> None:
    """The catalogue and the calendar that the project ships."""
    incident_actions.put_classes(class_rows())
    incident_actions.put_questions(questions.read_questions())
    incident_actions.put_calendar(clock.read_holidays())


def put_rules(*rules: Rule, district: str = "990101", number: int = 0) -> RuleSet:
    """Rules in force in a district: those given, sound or not, numbered in their order."""
    made = RuleSet.objects.create(
        id=uuid.uuid4(), area_code=district, number=number or RuleSet.objects.filter(area_code=district).count() + 1,
        state="in_force", effective_from=datetime.now(UTC), reason="试用",
    )  # fmt: skip
    for place, rule in enumerate(rules, 1):
        RoutingRule.objects.create(
            rule_set=made, number=place, area_code=rule.area, department_id=rule.department, class_key=rule.class_key,
            major=rule.major, months=list(rule.when.months), hours=list(rule.when.hours) if rule.when.hours else None,
            answers=dict(rule.answers), territory=rule.territory,
        )  # fmt: skip
    return made


def put_procedure(stages: list[dict[str, Any]], key: str = MATTER) -> Procedure:
    """A kind of matter, or a class that is there, in the first street with one version in force."""
    scheme, domain, code = key.split("/")
    usual = {"major": "m", "name": "事务", "valid_from": timezone.localdate()}
    klass, _ = IncidentClass.objects.get_or_create(scheme=scheme, domain=domain, code=code, defaults=usual)
    procedure = Procedure.objects.create(klass=klass, area_code=STREET)
    procedure.versions.create(number=1, valid_from=timezone.localdate(), stages=stages)
    return procedure


def demand_body(department: Department, **changes: Any) -> dict[str, Any]:
    """A form that a department may propose to the first street: a figure of the records and a question, for a year."""
    today = timezone.localdate()
    return {
        "id": str(uuid.uuid4()), "area": STREET, "department": department.pk, "kind": "form", "title": "垃圾分类设施情况",
        "what": "每季度填报一次", "ground": "《示范市生活垃圾管理条例》第十二条", "ground_number": "示府发〔2026〕8号",
        "since": str(today), "until": str(today + timedelta(days=200)), "money": 0, "staff": 0, "rhythm": "year",
        "fields": [{"figure": "cells"}, {"label": "分类亭数量", "type": "number"}], **changes,
    }  # fmt: skip


def put_demand(department: Department, state: str, proposer: User, **changes: Any) -> Demand:
    """A form of `demand_body` in the register, in whatever state."""
    given = demand_body(department) | changes
    fields = [
        demands.Field("record:cells::", "cells"),
        demands.Field("asked:分类亭数量", label="分类亭数量", type="number"),
    ]
    plain = {name: given[name] for name in given if name not in ("area", "department", "fields")}
    return Demand.objects.create(
        **plain, area_code=given["area"], department=department, state=state, proposed_by=proposer,
        proposed_at=timezone.now(), fields=[asdict(one) | {"choices": list(one.choices)} for one in fields],
    )  # fmt: skip


_kept: tuple[Snapshot, dict[str, tuple[int, str]]] | None = None  # made once per process: ids and tokens of the callers


def town() -> Town:
    """The tiny town in an empty database."""
    global _kept
    if _kept is None:
        made = _build()
        _kept = Snapshot.take(), {name: (caller.user.pk, caller.token) for name, caller in made.callers.items()}
        return made
    rows, known = _kept
    rows.put()
    people = User.objects.in_bulk([pk for pk, _ in known.values()])
    departments = {department.code: department for department in Department.objects.all()}
    callers = {name: Caller(people[pk], token=token) for name, (pk, token) in known.items()}
    return Town(departments["sanitation"], departments["gardens"], callers)


def _build() -> Town:
    """Areas, catalogue, calendar, departments, and a caller per role."""
    actions.put_areas(areas())
    put_shipped()
    sanitation = actions.put_department("sanitation", name="环卫", name_en="Sanitation", area_code="990101")
    gardens = actions.put_department("gardens", name="园林", name_en="Gardens", area_code="990101")
    people = {
        "worker": user("alice", Role.WORKER, CELL),
        "second_worker": user("bob", Role.WORKER, NEXT_CELL),
        "acceptor": user("chen", Role.ACCEPTOR),
        "dispatcher": user("ding", Role.DISPATCHER),
        "handler": user("han", Role.HANDLER, "990101", sanitation),
        "gardener": user("gao", Role.HANDLER, "990101", gardens),
        "director": user("sun", Role.DIRECTOR),
        "community": user("cai", Role.COMMUNITY, COMMUNITY),
        "planner": user("pan", Role.PLANNER),
        "auditor": user("wu", Role.AUDITOR),
        "administrator": user("ma", Role.ADMINISTRATOR),
        "other_worker": user("charlie", Role.WORKER, OTHER_CELL),
        "other_director": user("dora", Role.DIRECTOR, OTHER_STREET),
        "stranger": user("eve"),
    }
    return Town(sanitation, gardens, {name: Caller(person) for name, person in people.items()})
