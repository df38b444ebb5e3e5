"""`manage.py seed`: the demo town as a database holds it, seen by the same eyes as everything else."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client, override_settings

from gridmap.management import demo
from gridmap.models import Area, Duty, Grant, Role, StreamEvent, StreamHead
from incidents import queries, workflow
from incidents.events import KINDS
from incidents.models import Assignment, Attachment, Incident
from incidents.workflow import Action, Outcome, State
from layers.models import Feature, Source

FAST = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # forty passwords, and no secret in them
OF_CLOCKS = ("incident.due_soon", "incident.overdue", "incident.overdue_again")


def _seed(*options: str) -> str:
    out = StringIO()
    with override_settings(PASSWORD_HASHERS=FAST):
        call_command("seed", *options, stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="module")
def seeded(django_db_setup: None, django_db_blocker: Any, media: Path) -> Iterator[str]:
    """One demo town for all tests here, taken back after them."""
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=media), transaction.atomic():
        yield _seed("--if-empty")
        transaction.set_rollback(True)


@pytest.fixture
def town(seeded: str, media: Path, db: None, settings: Any) -> str:
    settings.MEDIA_ROOT = media
    return seeded


@pytest.fixture
def log(town: str) -> dict[str, list[StreamEvent]]:
    """The events of each case, in order."""
    found = defaultdict(list)
    for event in StreamEvent.objects.filter(stream=demo.STREET, kind__startswith="incident.").order_by("seq"):
        found[event.object_id].append(event)
    return found


def _sign_in(username: str) -> Client:
    client = Client(headers={"host": "localhost"})
    with override_settings(PASSWORD_HASHERS=FAST):
        answer = client.post(
            "/api/login", {"username": username, "password": demo.PASSWORD}, content_type="application/json"
        )
    assert answer.status_code == 200, answer.content
    return client


def test_it_says_what_it_does_and_what_there_is(town: str) -> None:
    for step in ("Drawing the town", "Areas and cells", "Map data", "Departments and people", "Three weeks of cases"):
        assert step in town
    assert f"{Feature.objects.count()} features" in town
    assert f"{Incident.objects.count()} cases" in town


def test_the_map_and_the_areas_are_in_the_database(town: str) -> None:
    source = Source.objects.get()
    assert (source.area_code, source.version) == (demo.STREET, 1)
    assert Feature.objects.count() > 3000
    assert Area.objects.filter(level=5).count() == 6
    assert not Area.objects.filter(level__gte=4, geom=None).exists()
    inside = Feature.objects.filter(area_code=demo.STREET).count()
    assert 0.6 * Feature.objects.count() < inside < Feature.objects.count()


def test_every_role_has_somebody_and_every_cell_one_worker(town: str) -> None:
    assert set(Grant.objects.values_list("role", flat=True)) == set(Role)
    cells = list(Grant.objects.filter(role=Role.WORKER).values_list("area_code", flat=True))
    assert sorted(cells) == sorted(Area.objects.filter(level=6).values_list("code", flat=True))
    each = Counter(Grant.objects.filter(role=Role.WORKER).values_list("user__username", flat=True))
    assert len(each) == 12
    assert set(each.values()) <= {3, 4, 5}


def test_everybody_can_sign_in_and_lands_on_a_page(town: str) -> None:
    homes = {
        name: _sign_in(name).get("/api/me").json()["home"]
        for name in ("worker01", "director", "law01", "admin", "planner")
    }
    assert homes == {
        "worker01": "/worker",
        "director": "/street",
        "law01": "/handle",
        "admin": "/admin/",
        "planner": "/plan",
    }


def test_the_accounts_are_printed(town: str) -> None:
    out = StringIO()
    call_command("demo_accounts", stdout=out)
    for word in ("worker01", "dispatcher02", "director", "law01", "/street", demo.PASSWORD):
        assert word in out.getvalue()


def test_the_log_has_no_gap_and_every_number_is_that_of_its_first_event(
    town: str, log: dict[str, list[StreamEvent]]
) -> None:
    sequence = list(StreamEvent.objects.filter(stream=demo.STREET).order_by("seq").values_list("seq", flat=True))
    assert sequence == list(range(1, len(sequence) + 1))
    assert StreamHead.objects.get(stream=demo.STREET).seq == len(sequence)
    numbers = {str(i.pk): i.number for i in Incident.objects.all()}
    assert numbers == {case: events[0].seq for case, events in log.items()}


def test_every_life_is_one_the_workflow_allows_and_ends_where_the_case_stands(
    log: dict[str, list[StreamEvent]],
) -> None:
    for incident in Incident.objects.select_related("klass", "department"):
        state: State | None = None
        for version, event in enumerate(log[str(incident.pk)], 1):
            assert event.object_version == version
            if event.kind not in OF_CLOCKS:
                state = step_of(event.kind, state).target or state
            assert event.payload["state"] == state
        assert (state, version) == (incident.state, incident.version)


def step_of(kind: str, state: State | None) -> workflow.Step:
    """The row of the workflow behind an event; the same event may come of a case and of a matter."""
    pairs = [
        (Action(action), Outcome(given) if given else None) for (action, given), made in KINDS.items() if made == kind
    ]
    for action, given in pairs:
        with suppress(workflow.WrongStateError):
            return workflow.step(action, state, outcome=given)
    pytest.fail(f"{kind} is not possible from {state}")


def test_the_last_event_of_a_case_carries_the_card_that_a_list_shows(log: dict[str, list[StreamEvent]]) -> None:
    for card in queries.cards(Incident.objects.select_related("klass", "department")):
        assert log[card.id][-1].payload == card.model_dump(mode="json")


def test_time_in_the_log_goes_forward(log: dict[str, list[StreamEvent]]) -> None:
    every = sorted((event for events in log.values() for event in events), key=lambda event: event.seq)
    assert [e.seq for e in every] == [e.seq for e in sorted(every, key=lambda event: (event.created_at, event.seq))]


def test_each_stage_is_there_with_some_late_and_some_urgent(town: str) -> None:
    standing = Counter(Incident.objects.values_list("state", flat=True))
    rare = {State.MERGED, State.RETRACTED}  # mistakes
    assert set(standing) == set(State) - rare
    assert 45 <= sum(standing[state] for state in workflow.OPEN) <= 80
    open_cases = Incident.objects.filter(state__in=workflow.OPEN)
    assert 1 <= open_cases.filter(overdue=True).count() <= 15
    assert open_cases.filter(urgent=True).count() >= 4
    assert not Incident.objects.exclude(state__in=workflow.OPEN).filter(overdue=True).exists()
    assert (
        not queries.newly_overdue().filter(reported_at__lt=Incident.objects.latest("reported_at").reported_at).exists()
    )


def test_clocks_run_where_somebody_must_act(town: str) -> None:
    for incident in Incident.objects.filter(state__in=(State.ASSIGNED, State.IN_WORK)):
        turn = Assignment.objects.get(incident=incident, ended_at=None)
        assert (turn.due_at, turn.department_id) == (incident.due_at, incident.department_id)
        assert incident.due_at is not None
    for turn in Assignment.objects.filter(incident__state=State.TO_VERIFY, ended_at=None):
        assert turn.due_at is None
        assert turn.deadline is not None
        assert not turn.deadline.runs.filter(stopped_at=None).exists()
    done = Assignment.objects.filter(incident__state__in=(State.CLOSED, State.VERIFIED))
    assert not done.filter(ended_at=None).exists()
    assert not Incident.objects.filter(state__in=workflow.TERMINAL).exclude(due_at=None).exists()
    assert not Incident.objects.filter(state__in=workflow.TERMINAL, closed_at=None).exists()


def test_whoever_repaired_did_not_check(log: dict[str, list[StreamEvent]]) -> None:
    for events in log.values():
        actors = {event.kind: event.actor_id for event in events}
        checked = actors.get("incident.repair_verified", actors.get("incident.repair_refused"))
        assert checked is None or checked != actors["incident.handled"]


def test_every_case_lies_in_its_cell(town: str) -> None:
    sql = """select count(*) from incidents_incident i join gridmap_area a on a.code = i.area_code
        where st_dwithin(a.geom, i.point, 0.00001)"""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        assert cursor.fetchone()[0] == Incident.objects.filter(procedure=None).count()  # a matter has no place


def test_a_supervisor_sees_it_all_and_a_case_has_its_timeline(town: str) -> None:
    client = _sign_in("director")
    open_cases = Incident.objects.filter(state__in=workflow.OPEN)
    figures = client.get("/api/incidents/summary").json()
    assert figures["open"] == open_cases.count()
    assert figures["on_duty"] == Duty.objects.count() == 6
    assert not Duty.objects.filter(point=None).exists()
    closed = Incident.objects.filter(state=State.CLOSED, version__gte=7, procedure=None).latest("reported_at")
    detail = client.get(f"/api/incidents/{closed.pk}").json()
    assert len(detail["timeline"]) == closed.version
    assert all(moment["at"] for moment in detail["timeline"])
    assert any(moment["text"] for moment in detail["timeline"])
    assert {m["actor_name"] for m in detail["timeline"]} >= {closed.handled_by.name}  # type: ignore[union-attr]  # it was handled


def test_a_handler_finds_work_and_a_worker_what_became_of_her_reports(town: str) -> None:
    assert _sign_in("law01").get("/api/incidents?mine=todo").json()["total"] > 3
    assert _sign_in("worker01").get("/api/incidents?mine=reported").json()["total"] > 10


def test_a_case_is_suspended_one_was_objected_to_and_one_has_parts(town: str) -> None:
    client = _sign_in("director")
    [suspended] = client.get("/api/incidents?state=suspended").json()["items"]
    [objection] = client.get("/api/incidents?mine=asked").json()["items"]
    [asked] = client.get(f"/api/incidents/{objection['id']}").json()["requests"]
    assert (suspended["due_at"], asked["kind"], asked["verdict"]) == (None, "objection", "open")
    [whistled] = _sign_in("power01").get("/api/incidents?mine=asked").json()["items"]
    parts = client.get(f"/api/incidents/{whistled['id']}").json()["parts"]
    assert [(part["department_name"], part["end"]) for part in parts] == [("电力", "open"), ("公安", "done")]


def test_cases_that_somebody_may_look_at_have_pictures(town: str) -> None:
    shown = Incident.objects.filter(state__in=workflow.OPEN, source="patrol")
    assert not shown.filter(cover=None).exists()
    client = _sign_in("director")
    photo = client.get(f"/api/incidents/{shown.latest('reported_at').pk}").json()["photos"][0]
    assert photo["kind"] == "before"
    for address in (photo["url"], photo["thumb_url"]):
        answer = client.get(address)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
        assert answer.getvalue().startswith(b"\xff\xd8")
    assert set(Attachment.objects.values_list("kind", flat=True)) == {"before", "after"}
    assert Attachment.objects.count() < 300


def test_it_fills_an_empty_database_only(town: str) -> None:
    before = Incident.objects.count()
    assert "nothing to do" in _seed("--if-empty")
    with pytest.raises(CommandError, match="there already"):
        _seed()
    assert Incident.objects.count() == before


def test_the_demo_town_has_routing_rules_in_force_that_hold_and_agree_with_the_usual_handlers(town: str) -> None:
    found = queries.rules_in_force(demo.STREET)
    assert found is not None
    report = queries.check_rules(found)
    assert report.clean, report
    assert 30 < len(queries.rules_of(found.pk)) < 120
    case = next(c for c in Incident.objects.select_related("klass") if c.klass.name == "暴露生活垃圾")
    why = queries.routing_explained(case)
    assert (why["by"], why["line"]["zh"][:2]) == ("rule", "环卫")
    kept = Assignment.objects.exclude(suggested_by="")
    assert kept.count() == Assignment.objects.count() > 100
    agreed = sum(1 for turn in kept if turn.suggested_id == turn.department_id)
    assert agreed > 0.8 * kept.count()  # a few were first sent elsewhere, and came back
