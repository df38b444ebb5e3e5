"""Writes of the kernel. Each is one transaction; what changed stands in the log."""

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Func, IntegerField, Q
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from gridmap import access, areacode, events, queries
from gridmap.errors import ProblemError
from gridmap.models import ApiToken, Area, AreaSuccessor, Department, Duty, Grant, Inbox, Role, User


@dataclass(frozen=True)
class Done:
    """What a write came to: the answer for its client, and the event that is stored last."""

    answer: dict[str, Any]
    event: events.Draft | None = None
    also: tuple[events.Draft, ...] = ()  # what it changed besides, told before the event itself
    after: tuple[events.Draft, ...] = ()  # the same news for others; who hears both keeps the first


@dataclass(frozen=True)
class Answer:
    body: dict[str, Any]
    replayed: bool


def digest_of(request: dict[str, Any]) -> str:
    """A digest of what was asked, so that an id used again for something else is noticed."""
    return hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).hexdigest()


def once(actor: User, mutation_id: UUID, request: dict[str, Any], work: Callable[[], Done]) -> Answer:
    """Do `work` exactly once per mutation id, in one transaction with the note that it was done.

    A repeat, even one that runs at the same moment, gets the first answer: the primary key decides, not a look before.
    An id used for another request or by another user raises `id_reused`.
    """
    digest = digest_of(request)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into gridmap_inbox (mutation_id, user_id, digest, created_at) values (%s, %s, %s, now()) on conflict do nothing",
                [mutation_id, actor.pk, digest],
            )
            fresh = cursor.rowcount == 1
        if not fresh:
            return replay(actor, mutation_id, digest)
        done = work()
        Inbox.objects.filter(pk=mutation_id).update(response=done.answer)
        if done.event:
            events.record_all((*done.also, done.event, *done.after), actor)
    return Answer(done.answer, replayed=False)


def replay(actor: User, mutation_id: UUID, digest: str) -> Answer:
    """The first answer of a mutation that was taken before."""
    first = Inbox.objects.get(pk=mutation_id)
    if first.user_id != actor.pk or first.digest != digest:
        raise ProblemError("id_reused")
    return Answer(first.response or {}, replayed=True)


# --- areas ---


@transaction.atomic
def put_areas(areas: Iterable[Area], actor: User | None = None) -> None:
    """Store new areas or new names, borders and counts of known ones; one event per area.

    ValueError for a code that ended and would be in force again: a retired code is never given again.
    """
    rows = list(areas)
    in_force = [area.code for area in rows if area.valid_to is None]
    ended = Area.objects.filter(pk__in=in_force, valid_to__isnull=False).values_list("pk", flat=True)
    if ended:
        raise ValueError(f"these codes ended and are not given again: {', '.join(ended)}")
    for area in rows:
        area.level = areacode.level_of(area.code)
    fields = ["name", "name_en", "level", "kind", "geom", "households", "provisional", "valid_from", "valid_to"]
    Area.objects.bulk_create(rows, batch_size=500, update_conflicts=True, unique_fields=["code"], update_fields=fields)
    events.record_all(
        (events.Draft(kind="area.changed", area_code=a.code, object_id=a.code, payload=events.Nothing()) for a in rows),
        actor,
    )


@transaction.atomic
def end_area(area: Area, *, successors: Iterable[Area], actor: User | None = None) -> None:
    """Take a code out of force from today and say which areas follow it. The code is never given again."""
    area.valid_to = timezone.localdate()
    area.save(update_fields=["valid_to"])
    AreaSuccessor.objects.bulk_create(
        [AreaSuccessor(predecessor=area, successor=s) for s in successors], ignore_conflicts=True
    )
    events.record(
        events.Draft(kind="area.changed", area_code=area.code, object_id=area.code, payload=events.Nothing()), actor
    )


# --- people ---


def put_department(code: str, *, name: str, name_en: str, area_code: str) -> Department:
    """Store a department, or its new names; one that an administrator has changed stays as it is."""
    given = {"name": name, "name_en": name_en, "area_code": area_code}
    one, _ = Department.objects.get_or_create(code=code, defaults=given)
    if one.version == 1:
        Department.objects.filter(pk=one.pk).update(**given)
        one.refresh_from_db()
    return one


@transaction.atomic
def put_user(
    username: str,
    *,
    name: str,
    password_hash: str | None = None,
    language: str = "zh",
    staff: bool = False,
    phone: str = "",
) -> User:
    """Create a user, or renew her name and office phone; a password (as `make_password` hashes it) is set only when given."""
    user, _ = User.objects.get_or_create(username=username)
    user.name, user.language, user.is_staff, user.is_superuser = name, language, staff, staff
    user.phone = phone or user.phone
    if password_hash is not None:
        user.password = password_hash
    user.save()
    return user


@transaction.atomic
def grant(
    user: User, role: Role, area_code: str, *, department: Department | None = None, actor: User | None = None
) -> Grant:
    """Give a role in an area (and below it); the user's live channels take it up at once."""
    areacode.level_of(area_code)
    given, fresh = Grant.objects.get_or_create(user=user, role=role, area_code=area_code, department=department)
    if fresh:
        events.record(_grant_changed(user, area_code), actor)
    return given


@transaction.atomic
def revoke(given: Grant, actor: User | None = None, *, to: str = "") -> None:
    """Take a role back; the user's live channels lose it at once. Whoever is on duty there is off duty, or on duty in `to`."""
    user, area_code = given.user, given.area_code
    given.delete()
    if to:
        Duty.objects.filter(user=user, area_code=area_code).update(area_code=to)
    else:
        Duty.objects.filter(user=user).delete()  # where she is on duty follows from her grants
    events.record(_grant_changed(user, area_code), actor)


@transaction.atomic
def user_changed(user: User, actor: User | None = None) -> None:
    """Tell the user's live channels to read again who she is (after she was made inactive, for example)."""
    Duty.objects.filter(user=user).delete()
    events.record_all([_grant_changed(user, g.area_code) for g in user.grants.all()[:1]], actor)


@dataclass(frozen=True)
class Post:
    """Where a role holds, and for a handler with which department."""

    area_code: str
    department: int | None = None


def move_person(actor: User, person: int, *, given: int, to: Post, mutation_id: UUID) -> Answer:
    """Let one of a person's roles hold elsewhere: in another area, for a handler with another department.

    The grant that was there ends, so of two who move it at once one wins, and the other is told (`stale_person`).
    """
    request = {"person": person, "given": given, "area": to.area_code, "department": to.department}
    return once(actor, mutation_id, request, lambda: _move_person(actor, person, given, to))


def _move_person(actor: User, person: int, given: int, to: Post) -> Done:
    user = queries.people_in_reach(actor).filter(pk=person).first()
    if user is None:
        raise ProblemError("not_found")
    queries.hold_department(to.department or 0)  # before the grant, in the order of whoever ends a department
    before = user.grants.select_for_update().filter(pk=given).first()
    if before is None:
        detail = {
            "current": queries.people_shown([user])[0],
            "yours": {"area": to.area_code, "department": to.department},
        }
        raise ProblemError("stale_person", detail=detail)
    if not Area.objects.filter(pk=to.area_code, valid_to=None).exists():
        raise ProblemError("unknown_area", fields={"area": "unknown_area"})
    access.require(actor, "grant.manage", to.area_code)
    team = _team(Role(before.role), to)
    if user.grants.filter(role=before.role, area_code=to.area_code, department=team).exists():
        raise ProblemError("grant_known")
    before.delete()
    Duty.objects.filter(user=user).delete()
    Grant.objects.create(user=user, role=before.role, area_code=to.area_code, department=team)
    places = dict.fromkeys((before.area_code, to.area_code))
    *also, event = [_grant_changed(user, place) for place in places]
    return Done(queries.people_shown([user])[0], event, also=tuple(also))


def _team(role: Role, to: Post) -> Department | None:
    """The department of a role that has one: in force, and serving where the role holds."""
    if role is not Role.HANDLER:
        return None
    team = queries.hold_department(to.department or 0)
    near = team and (to.area_code.startswith(team.area_code) or team.area_code.startswith(to.area_code))
    if not near:
        raise ProblemError("unknown_department", fields={"department": "unknown_department"})
    return team


def move_members(one: Department, heir: Department) -> tuple[events.Draft, ...]:
    """Let everyone of a department that ended belong to its successor, where she serves; the events of it, not stored."""
    told = {}
    for before in Grant.objects.select_for_update(of=("self",)).filter(department=one).select_related("user"):
        Grant.objects.filter(pk=before.pk).delete()
        Grant.objects.get_or_create(user=before.user, role=before.role, area_code=before.area_code, department=heir)
        told[before.user_id, before.area_code] = _grant_changed(before.user, before.area_code)
    return tuple(told.values())


def _grant_changed(user: User, area_code: str) -> events.Draft:
    return events.Draft(
        kind="grant.changed", area_code=area_code, object_id=str(user.pk), payload=events.Nothing(), persons=(user.pk,)
    )


def set_language(user: User, language: str) -> None:
    user.language = language
    user.save(update_fields=["language"])


def issue_token(user: User, *, label: str, days: int = 90) -> str:
    """A new bearer token for a program, valid for `days`; it is shown once, only its digest is kept."""
    token = secrets.token_urlsafe(32)
    ApiToken.objects.create(
        user=user, label=label, digest=token_digest(token), expires_at=timezone.now() + timedelta(days=days)
    )
    return token


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def purge_inbox(before: datetime) -> int:
    """Forget answers that no client can ask for any more; returns how many."""
    return Inbox.objects.filter(created_at__lt=before).delete()[0]


STALE_JOB = timedelta(minutes=10)
MOST_TRIES = 5


def put_stale_jobs_back() -> int:
    """Queue again the jobs whose worker was killed (they stay RUNNING for ever) and those that failed, five times at most.

    Jobs are safe to run twice. Returns how many were put back.
    """
    killed = Q(status=TaskResultStatus.RUNNING, started_at__lt=timezone.now() - STALE_JOB)
    failed = Q(status=TaskResultStatus.FAILED, finished_at__lt=timezone.now() - timedelta(minutes=1))
    rows = DBTaskResult.objects.filter(killed | failed).annotate(
        tries=Func(F("worker_ids"), function="jsonb_array_length", output_field=IntegerField())
    )
    return rows.filter(tries__lt=MOST_TRIES).update(status=TaskResultStatus.READY, started_at=None, finished_at=None)
