"""A town with a caller for every role inside and outside one case's area, built once per module: tests try and roll back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.gis.geos import Point
from django.db import transaction
from django.test import Client
from django.utils import timezone

from gridmap import access, actions
from gridmap.actions import persons
from gridmap.models import ApiToken, Department, Hook, How, Role, User
from gridmap.services import SERVICES
from incidents import photos, store
from incidents.actions import clocks, parts
from incidents.actions.clocks import Cause, of_turn
from incidents.models import (
    Archive,
    Assignment,
    Attachment,
    Deadline,
    Demand,
    Incident,
    IncidentClass,
    JoinedReport,
    Procedure,
    Rating,
    Receipt,
    Request,
    RequestKind,
    RuleSet,
    SavedFilter,
)
from incidents.queries import stage_deadline
from incidents.routing import Rule
from incidents.workflow import OPEN, Action, State, Step
from tests import factories
from tests.factories import CELL, DISTRICT, LITTER, NEXT_CELL, OTHER_STREET, PLACES, STREET, Caller, report_body
from tests.plans import put_plan
from tests.register_doors import put_record

TURNS = {State.ASSIGNED, State.IN_WORK, State.TO_VERIFY, State.SUSPENDED}  # states in which a department's turn is open


# A procedure of two stages, both the director's, the second of which can come to everything.
STAGES: list[dict[str, Any]] = [
    {"key": "one", "name": "一", "level": "street", "role": "director", "limit": "1d", "results": {"approve": "two"}},
    {
        "key": "two", "name": "二", "level": "street", "role": "director", "limit": "1d", "results": {
            "approve": "one", "forward": "one", "send_back": "", "supplement": "", "extend": "", "refuse": "", "finish": ""},
    },
]  # fmt: skip


@dataclass(frozen=True)
class Who:
    """A caller by her one grant; the area is the grant's."""

    name: str
    role: Role | None
    area: str = STREET
    department: int | None = None

    def may(self, action: str, departments: tuple[int, ...] = (), place: str = CELL) -> bool:
        """Whether the table lets her do the action on a row at `place` that is or was these departments'."""
        if self.role is None or self.role not in access.TABLE[action]:
            return False
        concerned = (
            self.department is None or not action.startswith(access.BY_DEPARTMENT) or self.department in departments
        )
        return place.startswith(self.area) and concerned

    def holds(self, action: str) -> bool:
        """Whether the table lets her do the action anywhere."""
        return self.role is not None and self.role in access.TABLE[action]


@dataclass
class World:
    """One case per state in the first cell, by a resident: with the sanitation department now, with a former one before."""

    now: Department = field(init=False)
    former: Department = field(init=False)
    reporter: User = field(init=False)
    handler: User = field(init=False)
    procedure: Procedure = field(init=False)
    callers: dict[Who, Caller] = field(default_factory=dict)
    cases: dict[State, Incident] = field(default_factory=dict)
    rules: RuleSet = field(init=False)  # a draft that could be put in force
    demands: dict[str, Demand] = field(default_factory=dict)  # one proposed, one form in force
    parent: Incident = field(init=False)  # one more case, above all that are open
    joined: dict[State, UUID] = field(default_factory=dict)  # a report that joined each case
    photo: UUID = field(default_factory=uuid4)
    filter: UUID = field(default_factory=uuid4)
    hook: UUID = field(default_factory=uuid4)
    plan: UUID = field(default_factory=uuid4)
    served: UUID = field(init=False)  # somebody registered for care
    OWNER: ClassVar = "director inside"  # whose the saved filter is
    jpeg: bytes = field(default_factory=lambda: photos.clean(factories.photo().getvalue()).jpeg)

    def __post_init__(self) -> None:
        actions.put_areas(factories.areas())
        factories.put_shipped()
        names = ("sanitation", "former", "gardens")
        self.now, self.former, gardens = (
            actions.put_department(name, name=name, name_en=name, area_code="990101") for name in names
        )
        self.reporter, self.handler = factories.user("reporter", Role.WORKER, STREET), factories.user("repairer")
        self._people(gardens)
        self.procedure = self._procedure()
        self.callers[Who("reporter", Role.WORKER)] = Caller(self.reporter)
        self.parent = self._case(State.FILED, number=len(State) + 1)
        for state in State:
            self.cases[state] = self._case(state)
        self.joined = {state: self._joined(case) for state, case in self.cases.items()}
        own = Deadline(incident=self.cases[State.PROCESSING], stage="processing", stage_key="two", limit="1d")
        clocks.start(own, clocks.Cause("approve", timezone.now(), 1), clocks.calendar())
        self.rules = factories.put_rules(Rule(1, DISTRICT, self.now.pk))
        RuleSet.objects.update(state="draft", effective_from=None)
        self.demands = {
            state: factories.put_demand(self.now, state, self.reporter) for state in ("proposed", "in_force")
        }
        self._photo()
        owner = next(caller.user for who, caller in self.callers.items() if who.name == self.OWNER)
        Hook.objects.create(
            id=self.hook, name="区平台", url="https://example.org/", area_code=CELL, secret="whsec_AAAA"
        )
        put_plan(owner, self.plan)
        self.served = self._served()
        put_record(owner)
        SavedFilter.objects.create(id=self.filter, user=owner, name="紧急", filter={"urgent": True})

    def _served(self) -> UUID:
        lon, lat = PLACES[CELL]
        agreed = persons.Agreed(form=1, how=How.WRITTEN, given_on=timezone.localdate())
        persons.register(
            self.reporter, SERVICES["care"], key := uuid4(), {"name": "张三"}, persons.Where(lon=lon, lat=lat), agreed
        )
        return key

    @property
    def departments(self) -> tuple[int, ...]:
        return self.now.pk, self.former.pk

    def _people(self, gardens: Department) -> None:
        for role in Role:
            own = self.now.pk if role is Role.HANDLER else None
            self._person(Who(f"{role} inside", role, STREET, own))
            self._person(Who(f"{role} outside", role, OTHER_STREET, own))
        self._person(Who("handler formerly", Role.HANDLER, STREET, self.former.pk))
        self._person(Who("handler of another department", Role.HANDLER, STREET, gardens.pk))
        self._person(Who("worker of the cell", Role.WORKER, CELL))
        self._person(Who("worker of the next cell", Role.WORKER, NEXT_CELL))
        self._person(Who("director of the district", Role.DIRECTOR, DISTRICT))
        self._person(Who("administrator of the district", Role.ADMINISTRATOR, DISTRICT))
        self._person(Who("stranger", None))

    def _person(self, who: Who) -> None:
        department = Department.objects.get(pk=who.department) if who.department else None
        person = factories.user(who.name.replace(" ", "-"), who.role, who.area, department)
        self.callers[who] = Caller(person)

    def _case(self, state: State, number: int = 0) -> Incident:
        now, at = timezone.now(), number or list(State).index(state) + 1
        turn = state in TURNS
        klass = IncidentClass.objects.get(scheme="GB30428.2-2013", domain="event", code="0110")
        case = Incident.objects.create(
            id=uuid4(), street=STREET, number=at, area_code=CELL, klass=klass, source="patrol", state=state,
            level="cell" if state is State.REPORTED else "street", reporter=self.reporter, handled_by=self.handler,
            point=Point(*factories.PLACES[CELL], srid=4326), occurred_at=now, reported_at=now,
            receipt=Receipt.objects.create(id=uuid4(), number=f"260101-{at:06}", created_at=now),
            department=self.now if turn else None, departments=list(self.departments), **self._in_stage(state),
            merged_into=self.parent if state is State.MERGED else None,
            parent=self.parent if state in OPEN and not number else None,
        )  # fmt: skip
        if state is State.CLOSED:
            Rating.objects.create(id=uuid4(), incident=case, outcome="not_solved", rated_at=now, wish="open")
        if turn:
            Assignment.objects.create(
                incident=case, department=self.now, limit="4h", assigned_at=now, due_at=now + timedelta(hours=4)
            )
        return case

    def _joined(self, case: Incident) -> UUID:
        """Somebody else's report that joined the case long ago; it left no mark on the case that would count here."""
        now = timezone.now()
        made = JoinedReport.objects.create(
            id=uuid4(), incident=case, version=0, user=self.handler, source="patrol", point=Point(*factories.PLACES[CELL], srid=4326),
            occurred_at=now, joined_at=now,
        )  # fmt: skip
        return made.pk

    def _procedure(self) -> Procedure:
        """One version in force, and a draft."""
        procedure = factories.put_procedure(STAGES)
        factories.put_procedure(STAGES, LITTER)  # whose filed cases may follow it
        procedure.versions.create(number=2, stages=STAGES)
        return procedure

    def _in_stage(self, state: State) -> dict[str, Any]:
        if state not in (State.PROCESSING, State.WAITING):
            return {}
        version = self.procedure.versions.get(number=1)
        return {"procedure": version, "stage": "two", "path": ["one"], "due_at": timezone.now() + timedelta(days=1)}

    def _photo(self) -> None:
        Archive.objects.create(incident=self.cases[State.REPORTED], sha256="0" * 64, size=4)
        digest = photos.clean(self.jpeg).sha256
        Attachment.objects.create(
            id=self.photo, incident=self.cases[State.REPORTED], kind="before", sha256=digest, width=640, height=480,
            size=len(self.jpeg), uploaded_by=self.reporter,
        )  # fmt: skip

    def prepare(self, row: Step | None, state: State) -> None:
        """Bring about what a step needs besides the state; to be called where it is rolled back."""
        kinds = {
            Action.ENDORSE_EXTENSION: RequestKind.EXTENSION, Action.GRANT_EXTENSION: RequestKind.EXTENSION,
            Action.REFUSE_SUSPENSION: RequestKind.SUSPENSION, Action.REVIEW_OBJECTION: RequestKind.OBJECTION,
        }  # fmt: skip
        case = self.cases[state]
        if row and row.action in kinds:
            self._asked(case, kinds[row.action], endorsed=row.action is Action.GRANT_EXTENSION)
        if row and row.action is Action.RESUME:
            own = of_turn(case.assignments.get())
            clocks.stop_one(own, Cause("suspend", timezone.now(), 1))
        if row and row.action in (Action.FINISH_PART, Action.DECLINE_PART):
            parts.begin(case, self.now.pk, "配合", "4h", Cause("whistle", timezone.now(), 1))

    def _asked(self, case: Incident, kind: RequestKind, *, endorsed: bool) -> None:
        now = timezone.now()
        Request.objects.create(
            incident=case, kind=kind, asked_by=self.reporter, asked_at=now, asked_version=1,
            deadline=stage_deadline(case) or of_turn(case.assignments.get()), first_by=self.handler if endorsed else None,
            first_at=now if endorsed else None,
        )  # fmt: skip

    def lay_out_photo(self) -> None:
        """Put the files of the photo and of the archive where this test keeps its media."""
        store.write(store.archive_of(Path(settings.MEDIA_ROOT), self.cases[State.REPORTED].pk), b"%PDF")
        found = Attachment.objects.get(pk=self.photo)
        store.write(store.path_of(Path(settings.MEDIA_ROOT), found.sha256), self.jpeg)

    def nobody(self) -> dict[str, Client]:
        """Clients that nobody may take for a signed-in user, by why."""
        expired = factories.user("expired")
        old = actions.issue_token(expired, label="old")
        ApiToken.objects.filter(user=expired).update(expires_at=timezone.now() - timedelta(seconds=1))
        left = factories.user("left", Role.DIRECTOR, STREET)
        token = actions.issue_token(left, label="left")
        User.objects.filter(pk=left.pk).update(is_active=False)
        headers = {"nobody": {}, "guess": bearer("guess"), "expired": bearer(old), "left": bearer(token)}
        return {why: Client(headers={"host": "localhost", **header}) for why, header in headers.items()}


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@contextmanager
def rolled_back() -> Iterator[None]:
    """What is written inside is gone afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def body_of(answer: Any) -> bytes:
    """The bytes of an answer, streamed or not."""
    body: bytes = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body


def rules_body(world: World) -> dict[str, Any]:
    row = {"area": DISTRICT, "department": world.now.pk}
    return {"mutation_id": str(uuid4()), "version": 1, "area": DISTRICT, "reason": "说明", "rules": [row]}


def step_body(world: World, row: Step, state: State) -> dict[str, Any]:
    lon, lat = PLACES[CELL]
    other = world.joined[state] if row.action is Action.SPLIT_OFF else world.parent.pk
    return {
        "other": str(other), "seen": {"lon": lon, "lat": lat, "occurred_at": report_body()["occurred_at"]},
        "correction": {"description": "更正"},
        "mutation_id": str(uuid4()), "version": 1, "reason": "说明", "text": "说明", "outcome": row.outcome,
        "department": world.now.pk if row.action in (Action.ASSIGN, Action.WHISTLE) else None,
        "cause": "no_money", "until": str(timezone.localdate() + timedelta(days=30)),
        "parts": [{"department": world.former.pk, "task": "配合"}],
    }  # fmt: skip


def bulk_body(world: World, state: State) -> dict[str, Any]:
    case = {"id": str(world.cases[state].pk), "version": 1, "mutation_id": str(uuid4())}
    return {"action": "note", "reason": "说明", "cases": [case]}
