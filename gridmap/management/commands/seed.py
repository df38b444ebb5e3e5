"""`manage.py seed`: the made-up town with its map, people, catalogue, calendar and three weeks of cases, all or nothing."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from shapely import Polygon, multipolygons

import incidents.actions
import layers.actions
import patrols.actions
from gridmap import actions, keyfile
from gridmap.management import demo
from gridmap.management.demo_forms import put_forms
from gridmap.management.demo_gate import put_demands
from gridmap.management.demo_imports import put_imports
from gridmap.management.demo_matters import put_kept
from gridmap.management.demo_persons import put_served
from gridmap.management.demo_plans import put_plans
from gridmap.management.demo_register import put_register
from gridmap.management.demo_together import act_together
from gridmap.models import Area, Department, Role, User
from incidents import catalogue, clock, matters, queries, questions, seal, stories, texts
from incidents.actions.history import put_history
from incidents.actions.routing import put_rules
from incidents.queries.catalogue import classes_in_force
from incidents.queries.routing import major_of
from incidents.routing import Rule, When
from incidents.routing.usual import Known, usual_rules
from layers.models import SourceKind
from layers.rows import FeatureRow
from layers.town import Town, TownArea, build
from layers.town.spots import Spot, spots

LATELY = timedelta(days=30)  # the rules were there before the first of the cases
ON_DUTY = 6  # workers, from the second on, who are on duty with a position when the demo opens


class Command(BaseCommand):
    help = "Fill the database with the demo town; --reference stores only the catalogue and the calendar."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing if there are areas already")
        parser.add_argument("--reference", action="store_true", help="only catalogue and calendar; also for production")
        parser.add_argument("--seed", type=int, default=1, help="another number draws another town")

    def handle(self, *args: Any, if_empty: bool, reference: bool, seed: int, **options: Any) -> None:
        if reference:
            self._reference()
            return
        if settings.PRODUCTION:
            raise CommandError(
                "The demo town has public passwords: in production use `seed --reference` and make real accounts."
            )
        if settings.PERSON_DATA:
            keyfile.make(settings.KEYS_FILE)
        if if_empty and Area.objects.exists():
            self.stdout.write("There are areas already: nothing to do.")
            return
        if Area.objects.filter(pk=demo.STREET).exists():
            raise CommandError("The demo town is there already: use an empty database to draw it anew.")
        with transaction.atomic():
            self._fill(seed)

    def _fill(self, seed: int) -> None:
        with self._step("Drawing the town"):
            town = build(seed)
        with self._step("Areas and cells"):
            actions.put_areas([_area(area) for area in town.areas])
        with self._step("Map data"):
            layers.actions.replace_features(_source(), _rows(town))
        self._reference()
        with self._step("Departments and people"):
            departments = _departments()
            people = _people(town, departments)
            incidents.actions.put_texts(demo.STREET, texts.read())
        with self._step("Kinds of matter and their procedures"):
            incidents.actions.put_matters(matters.read_matters(), demo.DISTRICT)
            incidents.actions.put_hours([area.code for area in town.areas if len(area.code) == 12])
            seal.make_demo(
                settings.SEAL_ROOT, f"{next(a.name for a in town.areas if a.code == demo.STREET)}办事处(演示 demo)"
            )
        with self._step("Routing rules"):
            _routing(departments, people)
        with self._step("Three weeks of cases"):
            places = spots(town, seed)
            count = _cases(places, people, departments, seed)
        with self._step("Matters at the counters"):
            count += put_kept(people)
        with self._step("Cases with several hands"):
            act_together(people, departments)
        with self._step("Demands on communities"):
            put_demands(people, departments)
        put_plans(people["planner"])
        records = self._known(town, places, people, departments)
        with self._step("Workers on duty"):
            _on_duty(places, people)
        cells = sum(1 for _ in town.cells)
        self.stdout.write(
            f"{len(town.features)} features, {cells} cells, {len(people)} people, {count} cases, {records} records"
        )

    def _known(
        self, town: Town, places: list[Spot], people: dict[str, User], departments: dict[str, Department]
    ) -> int:
        """What is recorded of the cells; how many records."""
        with self._step("What is in the cells"):
            records = put_register(town, places, people, departments)
        with self._step("Imports and forms"):
            put_imports(places, people)
            put_forms(people)
        if settings.PERSON_DATA:
            with self._step("People by service"):
                put_served(people)
        return records

    def _reference(self) -> None:
        with self._step("Catalogue and calendar"):
            incidents.actions.put_classes(catalogue.read_classes())
            incidents.actions.put_questions(questions.read_questions())
            incidents.actions.put_calendar(clock.read_holidays())

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        self.stdout.write(f"  {name} …", ending="")
        self.stdout.flush()
        started = time.monotonic()
        yield
        self.stdout.write(f" {time.monotonic() - started:.1f} s")


def _area(area: TownArea) -> Area:
    row = Area(code=area.code, name=area.name, name_en=area.name_en, kind=area.kind, households=area.households)
    if area.geom is not None:
        border = multipolygons([area.geom]) if isinstance(area.geom, Polygon) else area.geom
        geom = GEOSGeometry(border.wkb_hex, srid=4326)
        assert isinstance(geom, MultiPolygon)
        row.geom = geom
    return row


def _source() -> layers.actions.SourceSpec:
    return layers.actions.SourceSpec(
        key="demo-town",
        name="示范镇",
        kind=SourceKind.GENERATED,
        area_code=demo.STREET,
        attribution="示例数据 · made-up data",
    )


def _rows(town: Town) -> list[FeatureRow]:
    return [
        FeatureRow(layer=f.layer, kind=f.kind, geom=f.geom, name=f.name, floors=f.floors, households=f.households)
        for f in town.features
    ]


def _departments() -> dict[str, Department]:
    return {
        team.code: actions.put_department(team.code, name=team.name, name_en=team.name_en, area_code=team.area_code)
        for team in demo.TEAMS
    }


def _people(town: Town, departments: dict[str, Department]) -> dict[str, User]:
    people: dict[str, User] = {}
    password_hash = make_password(demo.PASSWORD)  # once: hashing is slow on purpose
    for person in demo.PEOPLE:
        staff = person.role is Role.ADMINISTRATOR
        phone = demo.phone_of(person)
        user = actions.put_user(
            person.username, name=person.name, password_hash=password_hash, staff=staff, phone=phone
        )
        actions.grant(user, person.role, person.area_code, department=departments.get(person.team))
        people[person.username] = user
    cells = demo.cells_of_workers([area.code for area in town.cells])
    for (username, own), name in zip(cells.items(), demo.WORKERS, strict=True):
        people[username] = actions.put_user(
            username, name=name, password_hash=password_hash, phone=f"000-{6600000 + int(username[-2:])}"
        )
        for code in own:
            actions.grant(people[username], Role.WORKER, code)
    return people


def _routing(departments: dict[str, Department], people: dict[str, User]) -> None:
    """Whoever usually handles a class, a few rules of the town's own, and the street where nobody is named."""
    classes = [Known(klass.key, major_of(klass), tuple(klass.handlers)) for klass in classes_in_force()]
    by_name = {team.name: (departments[team.code].pk, team.area_code) for team in demo.TEAMS}
    usual = usual_rules(demo.DISTRICT, classes, by_name, {demo.STREET: departments["street"].pk})
    rules = [*usual, *demo_rules(len(usual), departments)]
    put_rules(
        demo.DISTRICT, rules, reason="首版：按目录的通常处置部门", since=timezone.now() - LATELY, actor=people["admin"]
    )


def demo_rules(last: int, departments: dict[str, Department]) -> list[Rule]:
    """What a town adds to the usual handlers: a community of its own, a night, a winter."""
    property_, street = departments["property"].pk, departments["street"].pk
    return [
        Rule(last + 1, f"{demo.STREET}001", property_, "GB30428.2-2013/event/0107"),
        Rule(last + 2, demo.STREET, street, "GB30428.2-2013/event/0401", when=When(hours=(22, 6))),
        Rule(last + 3, demo.STREET, property_, "GB30428.2-2013/event/0112", when=When(months=(12, 1, 2))),
    ]


def _cases(places: list[Spot], people: dict[str, User], departments: dict[str, Department], seed: int) -> int:
    now = timezone.now()
    by_role: dict[Role, list[str]] = {}
    for person in demo.PEOPLE:
        by_role.setdefault(person.role, []).append(person.username)
    cast = stories.Cast(
        workers={c: name for name, own in demo.cells_of_workers([place.cell for place in places]).items() for c in own},
        acceptors=by_role[Role.ACCEPTOR],
        dispatchers=by_role[Role.DISPATCHER],
        director=by_role[Role.DIRECTOR][0],
        handlers={team.code: [p.username for p in demo.PEOPLE if p.team == team.code] for team in demo.TEAMS},
        departments={team.name: team.code for team in demo.TEAMS},
    )
    classes = {row.key: row for row in catalogue.read_classes()}
    setting = stories.Setting(now, classes, places, cast, queries.calendar())
    return put_history(demo.STREET, stories.tell(setting, seed), people=people, departments=departments, now=now)


def _on_duty(places: list[Spot], people: dict[str, User]) -> None:
    """Some workers stand on a street of theirs, so that the map of the street office has somebody on it."""
    cells = demo.cells_of_workers([place.cell for place in places])
    for username, own in list(cells.items())[1 : ON_DUTY + 1]:
        patrols.actions.set_duty(people[username], on=True)
        inner = [place for place in places if place.cell in own and place.tag in ("lane", "compound", "old")]
        if inner:
            place = inner[len(inner) // 2]
            patrols.actions.share_position(
                people[username], lon=place.lon, lat=place.lat, accuracy_m=12.0, at=timezone.now()
            )
