"""Three cases of the demo town in which several have a say: one whistled together, one suspended, one with an objection."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from gridmap.models import Department, User
from incidents import actions
from incidents.actions import Given, Joining
from incidents.catalogue import NATIONAL
from incidents.models import Incident, SuspensionCause
from incidents.workflow import Action, State

TREE, ROAD, RAILING = ("object", "0402"), ("event", "0113"), ("object", "0507")


def act_together(people: Mapping[str, User], departments: Mapping[str, Department]) -> None:
    """Take the steps of the three, each by whoever may, on cases that are in work now (`story_texts.LONGER`)."""
    _whistle(_case(TREE), people, departments)
    _suspend(_case(ROAD), people)
    _take(people["works01"], _case(RAILING), Action.OBJECT, reason="这段护栏已移交园林养护，移交单第 7 项有记载。")


def _case(klass: tuple[str, str]) -> Incident:
    domain, code = klass
    here = Incident.objects.filter(klass__scheme=NATIONAL, klass__domain=domain, klass__code=code)
    return here.filter(state=State.IN_WORK).latest("reported_at")


def _take(actor: User, case: Incident, action: Action, **given: object) -> None:
    actions.act(actor, case.pk, action, mutation_id=uuid4(), given=Given(**given))  # type: ignore[arg-type]  # written out above


def _whistle(case: Incident, people: Mapping[str, User], departments: Mapping[str, Department]) -> None:
    """The department that had the tree first leads; of the two that join, one is done."""
    called = (("power", "修剪时停电或加绝缘隔离"), ("police", "占道作业时疏导交通"))
    parts = tuple(Joining(department=departments[code].pk, task=task) for code, task in called)
    _take(people["director"], case, Action.WHISTLE, parts=parts)
    _take(people["police01"], case, Action.FINISH_PART, text="已安排两名警力，作业当天 9 时到岗。")


def _suspend(case: Incident, people: Mapping[str, User]) -> None:
    cause = SuspensionCause.NO_MONEY
    said = "整段大修须列入明年预算，今年的维修经费已用完。"
    _take(people["works01"], case, Action.ASK_SUSPENSION, cause=cause, reason=said)
    until = timezone.localdate() + timedelta(days=120)
    _take(
        people["director"], case, Action.SUSPEND, cause=cause, until=until,
        reason="同意。挂账期间先用冷料填平并设警示，每周查看一次。",
    )  # fmt: skip
