"""Reads of webhooks: who manages them, what of the log each is to be told next, and what it answered."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from gridmap import access, events
from gridmap.errors import ProblemError
from gridmap.models import Hook, HookAttempt, Off, StreamHead, User
from gridmap.queries import EVENT_JSON, VIEWS, in_reach

AT_ONCE = 50  # entries read of a stream
TEST = "hook.test"
KEPT = ("hook.", "household.", "person.")  # what no other system is told


@dataclass(frozen=True)
class Entry:
    """An event as it is told: its number, kind, and the JSON that GET /api/events has of it."""

    stream: str
    epoch: str
    seq: int
    kind: str
    text: str

    @property
    def message(self) -> str:
        """The webhook-id: the same whenever this event is told."""
        return f"evt_{self.stream}_{self.epoch}_{self.seq}"


@dataclass(frozen=True)
class Stretch:
    """What a webhook has not been told of a stream yet."""

    stream: str
    epoch: str
    after: int
    head: int


def kinds() -> list[str]:
    """The kinds of event that can be told: those that areas see; a person's grants, webhooks themselves, households and people are not."""
    return [kind for kind in events.kinds() if kind.split(".")[0] in VIEWS and not kind.startswith(KEPT)]


def visible_to(user: User) -> QuerySet[Hook]:
    """The webhooks of the areas that a user administrates."""
    return Hook.objects.filter(access.scope_of(user, "hook.view").q())


def get(user: User, hook_id: UUID, *, lock: bool = False) -> Hook:
    """One webhook that the user may see; `not_found` otherwise."""
    rows = visible_to(user).filter(pk=hook_id)
    found = (rows.select_for_update() if lock else rows).first()
    if found is None:
        raise ProblemError("not_found")
    return found


def attempts(hook: Hook) -> QuerySet[HookAttempt]:
    """The last tries, those that wait first and then the newest."""
    return hook.attempts.order_by("-pk")


def secrets(hook: Hook) -> list[str]:
    """What messages are signed with: the secret, and for a day the one before it."""
    both = hook.old_until is not None and timezone.now() < hook.old_until
    return [hook.secret, hook.old_secret] if both else [hook.secret]


def waiting() -> list[Hook]:
    """Webhooks that are on, whose time has come, at which no worker is, and that have something to be told."""
    now = timezone.now()
    due = Q(next_at__isnull=True) | Q(next_at__lte=now)
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    return [hook for hook in Hook.objects.filter(due, free, off=Off.NO) if next(behind(hook), None)]


def behind(hook: Hook) -> Iterator[Stretch]:
    """What the webhook was not told yet, stream by stream. A stream that began later, or anew, is told from its beginning."""
    reached = {row.stream: row for row in hook.reached.all()}
    for head in StreamHead.objects.order_by("stream"):
        if not in_reach(head.stream, [hook.area_code]):
            continue
        known = reached.get(head.stream)
        after = max(known.seq if known and known.epoch == head.epoch else 0, head.min_seq - 1)
        if after < head.seq:
            yield Stretch(head.stream, head.epoch, after, head.seq)


def entries(hook: Hook, part: Stretch) -> list[Entry]:
    """The next events of a stretch that are for this webhook, in order, `AT_ONCE` at most."""
    sql = f"""select e.seq, e.kind, {EVENT_JSON} from gridmap_streamevent e
        where e.stream = %s and e.seq > %s and e.seq <= %s and e.area_code like %s and e.kind = any(%s)
        order by e.seq limit {AT_ONCE}"""
    params: list[Any] = [part.stream, part.after, part.head, f"{hook.area_code}%", hook.kinds or kinds()]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [Entry(part.stream, part.epoch, seq, kind, text) for seq, kind, text in cursor.fetchall()]


def text_of(attempt: HookAttempt) -> str | None:
    """What an attempt that was asked for tells: the event once more, or a test; None when the log has it no longer."""
    if not attempt.stream:
        return '{"kind":"hook.test"}'
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {EVENT_JSON} from gridmap_streamevent e where e.stream = %s and e.seq = %s",
            [attempt.stream, attempt.seq],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def state(hook: Hook) -> dict[str, Any]:
    """A webhook as a list shows it."""
    return {
        "id": hook.pk, "name": hook.name, "url": hook.url, "area": hook.area_code, "kinds": hook.kinds, "active": hook.active,
        "off": hook.off, "version": hook.version, "failing_since": hook.failing_since, "tries": hook.tries, "next_at": hook.next_at,
    }  # fmt: skip
