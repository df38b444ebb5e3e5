"""Reads of the access log: who looked at the people of one's areas, and whether the chain is whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet, Subquery, Sum
from django.db.models.functions import TruncHour

from gridmap import access, areacode, chain
from gridmap.models import AccessLook, LookAction, LookHead, StreamEvent, User
from gridmap.queries import area_names
from gridmap.queries.persons import ring

PAGE = 100
AT_ONCE = 20_000  # entries that are verified while somebody waits
SEALED = "looks.sealed"
# From how many in one hour by one account those who answer for an area are told: far more than a day's visits or calls take.
MANY = {"opened": 40, "searched": 60, "refused": 5}
# Chains that have grown since the log of events was told their end, and that an hour ago or more; nobody else tells it meanwhile.
UNSEALED = """select h.stream, h.seq, h.hash from gridmap_lookhead h left join lateral (
        select (e.payload ->> 'seq')::bigint as seq, e.created_at from gridmap_streamevent e
        where e.object_id = h.stream and e.stream = h.stream and e.kind = %s order by e.seq desc limit 1) told on true
    where told.seq is null or (told.seq < h.seq and told.created_at <= now() - interval '1 hour')
    order by h.stream for update of h skip locked"""
# Chains whose oldest entry is from before a day.
OLD = """select h.stream from gridmap_lookhead h cross join lateral (
        select l.at from gridmap_accesslook l where l.stream = h.stream order by l.seq limit 1) oldest
    where oldest.at < %s order by h.stream"""


@dataclass(frozen=True)
class Verdict:
    """How the chain of a street stands: whole, or the number of the first entry that was changed or is missing."""

    stream: str
    entries: int
    broken_at: int | None
    hash: str


def entry_of(row: AccessLook) -> chain.Entry:
    """A row as it was hashed."""
    return chain.Entry(
        stream=row.stream, seq=row.seq, at=row.at, user=row.user_id, action=row.action, service=row.service, persons=row.persons,
        fields=row.fields, purpose=row.purpose, words=row.words, area_code=row.area_code, count=row.count,
    )  # fmt: skip


def streams() -> list[str]:
    """Every chain there is: by its entries, by what was noted of its end, or by what the log of events was told of it."""
    noted = LookHead.objects.values_list("stream", flat=True)
    told = StreamEvent.objects.filter(kind=SEALED).order_by("stream").values_list("stream", flat=True).distinct()
    return sorted({*noted, *told, *AccessLook.objects.order_by("stream").values_list("stream", flat=True).distinct()})


def unsealed() -> list[tuple[str, int, str]]:
    """Where the chains end (stream, seq, hash) of which the log of events is to be told; their heads stay locked until the commit."""
    with connection.cursor() as cursor:
        cursor.execute(UNSEALED, [SEALED])
        return list(cursor.fetchall())


def _told(stream: str, first: int) -> dict[int, str]:
    """What the log of events was told of a chain's ends, by the number of the entry, from the first one on."""
    rows = StreamEvent.objects.filter(object_id=stream, stream=stream, kind=SEALED, payload__seq__gte=first)
    return {payload["seq"]: payload["hash"] for payload in rows.values_list("payload", flat=True)}


def verified(stream: str, *, most: int | None = None) -> Verdict:
    """Hash a chain anew to its last entry and compare both ends; with `most` only so many entries, the latest.

    Each end that the log of events was told must still be there, the same.
    """
    key, (first, before) = chain.key_of(ring()), _beginning(stream, most)
    told = _told(stream, first)  # before the end is read: what is told while this runs belongs to the next time
    head = LookHead.objects.filter(pk=stream).first()
    rows = AccessLook.objects.filter(stream=stream).order_by("seq")
    if head:  # and so does what is added
        rows = rows.filter(seq__lte=head.seq)
    number = first - 1
    for number, row in enumerate(rows.filter(seq__gte=first).iterator(chunk_size=2000), first):
        good = row.seq == number and row.prev == before and row.hash == chain.linked(key, before, entry_of(row))
        if not good or told.pop(number, row.hash) != row.hash:
            return Verdict(stream, number - first, number, "")
        before = row.hash
    if head is None or (head.seq, head.hash) != (number, before) or told or _beyond(stream):
        return Verdict(stream, number - first + 1, number + 1, "")
    return Verdict(stream, number - first + 1, None, before)


def _beginning(stream: str, most: int | None) -> tuple[int, str]:
    """The first entry to be hashed and the hash before it: of the whole chain, or of its latest entries.

    What was deleted for its age is no gap: the entry that says so is hashed with the others.
    """
    purged = AccessLook.objects.filter(stream=stream, action=LookAction.PURGE).order_by("-seq")
    first, before = chain.beginning(purged.values_list("words", flat=True).first())
    head = LookHead.objects.filter(pk=stream).first()
    if head is None or not most or head.seq - most < first:
        return first, before
    first = head.seq - most + 1
    return first, AccessLook.objects.filter(stream=stream, seq=first - 1).values_list("hash", flat=True).first() or ""


def old(day: datetime) -> list[str]:
    """The chains that have entries from before `day`."""
    with connection.cursor() as cursor:
        cursor.execute(OLD, [day])
        return [stream for (stream,) in cursor.fetchall()]


def _beyond(stream: str) -> bool:
    """Whether entries stand after the noted end; one statement, so that what is added meanwhile is no mistake."""
    end = LookHead.objects.filter(pk=stream).values("seq")
    return AccessLook.objects.filter(stream=stream, seq__gt=Subquery(end)).exists()


def holds(stream: str, end: str) -> bool:
    """Whether a chain still has the entry with this hash, which was its end once."""
    return AccessLook.objects.filter(stream=stream, hash=end).exists()


def chains_of(user: User) -> Iterator[Verdict]:
    """The chains of the streets in which the user may read looks, their latest entries."""
    prefixes = [areacode.stream_of(clause.prefix) for clause in access.scope_of(user, "looks.view").clauses]
    for stream in streams():
        if any(stream.startswith(prefix) for prefix in prefixes):
            yield verified(stream, most=AT_ONCE)


def visible_to(user: User) -> QuerySet[AccessLook]:
    """The looks at people of the user's areas."""
    return AccessLook.objects.filter(access.scope_of(user, "looks.view").q())


def listed(
    user: User, *, area: str, service: str, span: tuple[datetime, datetime] | None, before: int | None
) -> list[dict[str, Any]]:
    """Looks below an area, the newest first, a page at a time; `before` is the id of the last one shown."""
    rows = visible_to(user).filter(area_code__startswith=area)
    rows = rows.filter(service=service) if service else rows
    rows = rows.filter(at__gte=span[0], at__lt=span[1]) if span else rows
    rows = rows.filter(pk__lt=before) if before is not None else rows
    found = list(rows.select_related("user").order_by("-pk")[:PAGE])
    names = area_names(row.area_code for row in found)
    return [_shown(row, names) for row in found]


def too_many(user: User, since: datetime) -> list[dict[str, Any]]:
    """Who opened, searched or tried unusually many of the people of the user's areas within an hour: who, when, which. Not how many:
    it is a reason to ask, no measure of anybody's work."""
    hours = visible_to(user).filter(at__gte=since, user__isnull=False).annotate(hour=TruncHour("at"))
    opened = Q(action__in=[LookAction.REVEAL, LookAction.EXPORT])
    many = hours.values("user__name", "user__username", "hour").annotate(
        opened=Sum("count", filter=opened & ~Q(fields=[]), default=0),
        searched=Count("pk", filter=Q(action=LookAction.SEARCH)),
        refused=Count("pk", filter=opened & Q(fields=[])),
    )
    over = many.filter(reduce(or_, (Q(**{f"{what}__gte": most}) for what, most in MANY.items())))
    found: list[dict[str, Any]] = [dict(row) for row in over.order_by("-hour", "user__username")[:PAGE]]
    return [
        {
            "user": row["user__name"] or row["user__username"],
            "hour": row["hour"],
            "what": [what for what, most in MANY.items() if row[what] >= most],
        }
        for row in found
    ]


def _shown(row: AccessLook, names: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row.pk, "at": row.at, "user": str(row.user or ""), "action": row.action, "service": row.service, "fields": row.fields,
        "purpose": row.purpose, "words": row.words, "area": row.area_code, "area_name": names.get(row.area_code, row.area_code),
        "count": row.count,
    }  # fmt: skip


def at_person(person_id: UUID) -> list[dict[str, Any]]:
    """The looks at one person, for a copy of her own data: when, what, what for. Who looked is answered by the office."""
    rows = AccessLook.objects.filter(persons__contains=[person_id]).order_by("at", "pk")
    return [{"at": row.at, "action": row.action, "fields": row.fields, "purpose": row.purpose} for row in rows]
