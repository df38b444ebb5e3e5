"""A life stored at once is the life that the same steps make one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from gridmap.models import Department, StreamEvent, StreamHead, User
from incidents.actions.history import put_history
from incidents.catalogue import ClassKey
from incidents.events import KINDS
from incidents.models import Assignment, Incident, Remark, Run
from incidents.stories import Story, Taken
from incidents.workflow import Action, Outcome
from tests.factories import CELL, LID, LITTER, PLACES, STREET, Town

STEPS = {kind: step for step, kind in KINDS.items()}


Plan = Sequence[tuple[str, str, dict[str, Any]]]  # who, action, what comes with it


@dataclass(frozen=True)
class Spot:
    tag: str = "road"
    cell: str = CELL
    lon: float = PLACES[CELL][0]
    lat: float = PLACES[CELL][1]
    address: str = ""


def _lived(town: Town, plan: Plan, **report: Any) -> Incident:
    """A case taken through the API: (who, action, given) for each step."""
    who = town.acceptor if report.get("source") == "hotline" else town.worker
    card = who.report(**report)
    for caller, action, given in plan:
        card = getattr(town, caller).act(card, action, **given)
    return Incident.objects.get(pk=card["id"])


def _retold(incident: Incident) -> Story:
    """The same case as a story, read from the log."""
    steps = []
    said = dict(Remark.objects.filter(incident=incident).values_list("version", "text"))
    log = list(StreamEvent.objects.filter(object_id=str(incident.pk)).order_by("seq"))
    departments = dict(Department.objects.values_list("pk", "code"))
    for event in log[1:]:
        action, outcome = STEPS[event.kind]
        department = departments[event.payload["department"]] if action == "assign" else ""
        assert event.actor is not None
        steps.append(
            Taken(
                event.created_at, Action(action), event.actor.username, Outcome(outcome) if outcome else None,
                said.get(event.object_version, ""), department,
            )
        )  # fmt: skip
    assert incident.reporter is not None
    return Story(
        id=uuid4(), klass=ClassKey.parse(incident.klass.key), condition=incident.condition.number if incident.condition else None,
        where=Spot(), source=incident.source, reporter=incident.reporter.username, reported_at=incident.reported_at,
        description=incident.description, steps=steps,
    )  # fmt: skip


def _put(*stories: Story) -> int:
    people = {user.username: user for user in User.objects.all()}
    departments = {department.code: department for department in Department.objects.all()}
    return put_history(STREET, stories, people=people, departments=departments, now=timezone.now())


FIELDS = (
    "street", "area_code", "klass_id", "condition_id", "description", "source", "state", "level", "urgent", "reporter_id", "department_id",
    "departments", "verified_report", "handled_by_id", "overdue", "version",
)  # fmt: skip


def _lives(town: Town) -> dict[str, Incident]:
    here, there = {"department": town.sanitation.pk}, {"department": town.gardens.pk}
    start: Plan = [("acceptor", "file", {}), ("dispatcher", "assign", here)]
    done, handled = {"text": "清理完毕"}, ("handler", "handle", {"text": "清理完毕"})
    wrong = {"reason": "派错"}
    again = {"outcome": "fail", "reason": "还有残留"}
    return {
        "closed": _lived(
            town, [*start, ("handler", "take", {}), handled, ("worker", "verify_repair", again), ("handler", "handle", done),
                   ("worker", "verify_repair", {"outcome": "pass"}), ("acceptor", "close", {})], class_key=LITTER,
        ),
        "waits for the check": _lived(town, [*start, handled], class_key=LID, condition=1),
        "in work elsewhere": _lived(
            town, [*start, ("handler", "return", {"reason": "不属于我单位"}), ("dispatcher", "assign", there), ("gardener", "take", {}),
                   ("dispatcher", "note", {"text": "已电话联系"})], class_key=LITTER,
        ),
        "withdrawn and back": _lived(
            town, [*start, ("handler", "take", {}), ("handler", "withdraw", wrong), ("dispatcher", "withdraw", wrong)],
            class_key=LITTER,
        ),
        "declined": _lived(town, [("acceptor", "decline", {"reason": "重复"})], class_key=LITTER),
        "passed up": _lived(town, [*start, ("director", "escalate", {"reason": "需区里协调"})], class_key=LITTER),
        "verified for a citizen": _lived(
            town, [("acceptor", "request_verification", {}), ("worker", "verify_report", {"outcome": "pass"}), ("acceptor", "file", {})],
            class_key=LITTER, source="hotline",
        ),
        "solved on the spot": _lived(town, [], class_key=LITTER, self_handled=True),
    }  # fmt: skip


def test_each_kind_of_life_comes_out_the_same(town: Town) -> None:
    for name, live in _lives(town).items():
        story = _retold(live)
        assert _put(story) == 1
        stored = Incident.objects.get(pk=story.id)
        for field in FIELDS:
            if field == "condition_id" and live.department_id:
                continue  # taken on assigning, from the class, where the report left it open
            assert getattr(stored, field) == getattr(live, field), (name, field)
        assert (stored.due_at is None) == (live.due_at is None), name
        if stored.due_at and live.due_at:
            assert abs((stored.due_at - live.due_at).total_seconds()) < 1, name
        _same_turns(live, stored)


def _same_turns(live: Incident, stored: Incident) -> None:
    pairs = zip(Assignment.objects.filter(incident=live), Assignment.objects.filter(incident=stored), strict=True)
    for a, b in pairs:
        assert (a.department_id, a.limit, a.due_at is None, a.ended_at is None) == (
            b.department_id,
            b.limit,
            b.due_at is None,
            b.ended_at is None,
        )
    assert [_told(run) for run in _runs(live)] == [_told(run) for run in _runs(stored)]
    for one, other in zip(_runs(live), _runs(stored), strict=True):
        assert abs(one.started_at - other.started_at) < timedelta(seconds=1)
        if one.stopped_at and other.stopped_at:
            assert abs(one.stopped_at - other.stopped_at) < timedelta(seconds=1)


def _runs(incident: Incident) -> list[Run]:
    return list(Run.objects.filter(deadline__incident=incident).select_related("deadline").order_by("started_at", "pk"))


def _told(run: Run) -> tuple[Any, ...]:
    """Whose clock it is, with which limit, what started and stopped it."""
    own = run.deadline
    stopped = (run.stopped_at is None, run.stopped_by, run.stopped_version)
    return own.stage, own.department_id, own.limit, run.started_by, run.started_version, *stopped


def test_what_was_said_and_done_reads_the_same_in_both_timelines(town: Town) -> None:
    live = next(iter(_lives(town).values()))
    story = _retold(live)
    _put(story)
    both = [town.director.get(f"/incidents/{case}").json()["timeline"] for case in (live.pk, story.id)]
    told = [
        [(m["kind"], m["text"], m["actor_name"], m["from_state"], m["to_state"]) for m in timeline] for timeline in both
    ]
    assert told[0] == told[1]


def test_storing_again_changes_nothing(town: Town) -> None:
    story = _retold(_lived(town, [("acceptor", "file", {})], class_key=LITTER))
    assert _put(story, _retold(Incident.objects.get())) == 2
    head = StreamHead.objects.get(stream=STREET).seq
    assert _put(story) == 0
    assert StreamHead.objects.get(stream=STREET).seq == head


def test_a_deadline_that_passed_is_in_the_log_at_its_time(town: Town) -> None:
    live = _lived(
        town,
        [("acceptor", "file", {}), ("dispatcher", "assign", {"department": town.sanitation.pk})],
        class_key=LID,
        condition=1,
    )
    story = _retold(live)
    early = timedelta(hours=5)
    story.reported_at -= early
    story.steps = [Taken(t.at - early, t.action, t.actor, t.outcome, t.text, t.department) for t in story.steps]
    _put(story)
    stored = Incident.objects.get(pk=story.id)
    late = StreamEvent.objects.get(object_id=str(story.id), kind="incident.overdue")
    assert stored.overdue
    assert (late.created_at, late.actor_id, late.object_version) == (stored.due_at, None, stored.version - 1)
    assert stored.due_at is not None
    again = StreamEvent.objects.get(object_id=str(story.id), kind="incident.overdue_again")
    assert again.created_at == stored.due_at + timedelta(hours=2)  # one more limit, and not yet two
    warning = StreamEvent.objects.get(object_id=str(story.id), kind="incident.due_soon")
    assert warning.created_at == stored.due_at - timedelta(minutes=30)
    assert (stored.overdue_by, stored.again_at) == (1, stored.due_at + timedelta(hours=4))


def test_numbers_follow_the_log(town: Town) -> None:
    stories = [_retold(_lived(town, [], class_key=LITTER)) for _ in range(3)]
    stories.reverse()
    _put(*stories)
    first: dict[UUID, int] = {
        s.id: StreamEvent.objects.filter(object_id=str(s.id)).earliest("seq").seq for s in stories
    }
    assert {i.pk: i.number for i in Incident.objects.filter(pk__in=first)} == first
    order = sorted(stories, key=lambda story: story.reported_at)
    assert [first[s.id] for s in order] == sorted(first.values())
