"""Reads of incidents. All start from `visible_to`: what a user may not see does not exist for her."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.gis.db.models.functions import Distance
from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.utils import timezone

from gridmap import access, areacode, geo
from gridmap.errors import ProblemError
from gridmap.models import Department, Duty, Role, StreamEvent, User
from gridmap.queries import area_names
from incidents import clock
from incidents.events import Card
from incidents.models import Attachment, ClassCondition, Holiday, Incident, IncidentClass, Remark
from incidents.workflow import OPEN, State

CLUSTER_BELOW = 15  # zoom levels under this show groups
CLUSTERS_PER_TILE = 8


def visible_to(user: User) -> QuerySet[Incident]:
    """The incidents a user may see: of her areas, for a handler those her department has or had, and her own."""
    scope = access.scope_of(user, "incident.view")
    if not scope.clauses:
        return Incident.objects.none()
    return Incident.objects.filter(scope.q(persons=("reporter", "verifier")))


def get(user: User, incident_id: UUID, *, lock: bool = False) -> Incident:
    """One incident that the user may see, its row locked for a change if asked; `not_found` if it is not hers to see."""
    rows = visible_to(user).select_related("klass", "department", "condition").filter(pk=incident_id)
    found = rows.select_for_update(of=("self",)).first() if lock else rows.first()
    if found is None:
        raise ProblemError("not_found")
    return found


def lock(incident_id: UUID) -> Incident:
    """The row for a change of this transaction, locked until its end."""
    return Incident.objects.select_for_update().get(pk=incident_id)


def newly_overdue() -> QuerySet[Incident]:
    """Open cases whose deadline has passed and of which nobody was told yet."""
    return Incident.objects.filter(state__in=OPEN, overdue=False, due_at__lte=timezone.now()).order_by("due_at")


# --- cards ---


def cards(incidents: Iterable[Incident]) -> list[Card]:
    """The cards of incidents whose class and department were selected with them."""
    rows = list(incidents)
    names = area_names(i.area_code for i in rows)
    return [card(i, names.get(i.area_code, i.area_code)) for i in rows]


def card(incident: Incident, area_name: str) -> Card:
    return Card.model_validate(
        {
            "id": str(incident.pk), "number": incident.label, "class_key": incident.klass.key, "title": incident.klass.name,
            "title_en": incident.klass.name_en, "domain": incident.klass.domain, "state": incident.state, "level": incident.level,
            "area": incident.area_code, "area_name": area_name,
            "lon": incident.point.x if incident.point else None, "lat": incident.point.y if incident.point else None,
            "urgent": incident.urgent, "department": incident.department_id,
            "department_name": incident.department.name if incident.department else None,
            "source": incident.source, "reported_at": incident.reported_at, "due_at": incident.due_at,
            "overdue": incident.overdue, "version": incident.version, "photo": str(incident.cover) if incident.cover else None,
        }
    )  # fmt: skip


def card_of(incident: Incident) -> Card:
    return cards([incident])[0]


# --- lists ---


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a list or a map shows; empty fields do not filter."""

    state: Sequence[str] = ()
    open: bool = False
    mine: str = ""  # "reported": by me; "todo": waiting for what I may do
    class_key: str = ""
    department: int | None = None
    area: str = ""
    q: str = ""
    overdue: bool = False
    urgent: bool = False
    due_within: int | None = None  # minutes


def matching(user: User, filters: Filters) -> QuerySet[Incident]:
    """The visible incidents that match."""
    found = visible_to(user)
    if filters.state:
        found = found.filter(state__in=filters.state)
    if filters.open:
        found = found.filter(state__in=OPEN)
    if filters.mine == "reported":
        found = found.filter(reporter=user)
    elif filters.mine == "todo":
        found = found.filter(_todo(user))
    if filters.class_key:
        scheme, _, rest = filters.class_key.partition("/")
        domain, _, code = rest.partition("/")
        found = found.filter(klass__scheme=scheme, klass__domain=domain, klass__code=code)
    if filters.department:
        found = found.filter(department=filters.department)
    if filters.area:
        found = found.filter(area_code__startswith=filters.area)
    if filters.q:
        found = found.filter(_search(filters.q))
    if filters.overdue:
        found = found.filter(overdue=True, state__in=OPEN)
    if filters.urgent:
        found = found.filter(urgent=True)
    if filters.due_within is not None:
        now = timezone.now()
        found = found.filter(state__in=OPEN, due_at__gt=now, due_at__lte=now + timedelta(minutes=filters.due_within))
    return found


def _search(text: str) -> Q:
    """By number, name of the class in characters, pinyin or initials, or address; never by a person."""
    number = text.rsplit("-", 1)[-1]
    found = Q(klass__name__icontains=text) | Q(klass__pinyin__icontains=text) | Q(klass__initials__istartswith=text)
    found |= Q(klass__name_en__icontains=text) | Q(address__icontains=text)
    return found | Q(number=int(number)) if number.isdigit() and len(number) < 18 else found


def _todo(user: User) -> Q:
    """What waits for the user: per role the states in which it is her turn."""
    turn = {
        Role.ACCEPTOR: (State.REPORTED, State.VERIFIED), Role.DISPATCHER: (State.FILED,),
        Role.DIRECTOR: (State.REPORTED, State.FILED, State.VERIFIED), Role.HANDLER: (State.ASSIGNED, State.IN_WORK),
        Role.WORKER: (State.VERIFYING, State.TO_VERIFY), Role.COMMUNITY: (State.VERIFYING, State.TO_VERIFY),
    }  # fmt: skip
    wanted = Q(pk__in=[])
    for role, prefix, department in access.grants_of(user).rows:
        mine = Q(state__in=turn.get(role, ()), area_code__startswith=prefix)
        wanted |= mine & Q(department=department) if department else mine
    own = Q(verifier=user, state__in=(State.VERIFYING, State.TO_VERIFY)) | Q(
        reporter=user, state=State.REPORTED, level="cell"
    )
    return (wanted | own) & ~Q(state=State.TO_VERIFY, handled_by=user)


@dataclass(frozen=True)
class Page:
    items: list[Card]
    next: str | None
    total: int


TOTAL_CAP = 100_000


def page(user: User, filters: Filters, *, order: str, cursor: str, limit: int) -> Page:
    """A page of cards, newest first or by due time (soonest first, then those without); keyset, so deep pages cost no more."""
    found = matching(user, filters)
    total = found.count()
    rows = found.select_related("klass", "department")
    if order == "due":
        rows = rows.order_by(F("due_at").asc(nulls_last=True), "id")
    else:
        rows = rows.order_by("-reported_at", "id")
    if cursor:
        rows = rows.filter(_after(order, cursor))
    items = list(rows[: limit + 1])
    more = items[limit:] and items[limit - 1]
    following = f"{_key(order, more)}|{more.pk}" if more else None
    return Page(cards(items[:limit]), following, total)


def _key(order: str, incident: Incident) -> str:
    moment = incident.due_at if order == "due" else incident.reported_at
    return moment.isoformat() if moment else ""


def _after(order: str, cursor: str) -> Q:
    moment_text, _, last = cursor.partition("|")
    try:
        last_id = UUID(last)
        moment = datetime.fromisoformat(moment_text) if moment_text else None
    except ValueError:
        raise ProblemError("invalid", fields={"cursor": "unknown"}) from None
    if order != "due":
        return Q(reported_at__lt=moment) | Q(reported_at=moment, id__gt=last_id)
    if moment is None:
        return Q(due_at__isnull=True, id__gt=last_id)
    return Q(due_at__gt=moment) | Q(due_at=moment, id__gt=last_id) | Q(due_at__isnull=True)


def summary(user: User) -> dict[str, int]:
    """The figures of the strip: open incidents in scope, by what they wait for."""
    now = timezone.now()
    return (
        visible_to(user)
        .filter(state__in=OPEN)
        .aggregate(
            open=Count("pk"),
            new=Count("pk", filter=Q(state=State.REPORTED)),
            due_hour=Count("pk", filter=Q(due_at__gt=now, due_at__lte=now + timedelta(hours=1))),
            overdue=Count("pk", filter=Q(overdue=True)),
            to_verify=Count("pk", filter=Q(state__in=(State.VERIFYING, State.TO_VERIFY))),
        )
    )


def tile(user: User, filters: Filters, z: int, x: int, y: int) -> bytes:
    """A vector tile of matching incidents: single ones, and groups at low zoom (layers "incident" and "cluster")."""
    rows = matching(user, filters).filter(point__isnull=False)
    select, params = rows.values_list(
        "id", "point_3857", "state", "urgent", "overdue", "klass__domain", "klass__name", "klass__name_en", "version"
    ).query.sql_with_params()
    columns = "s (id, geom, state, urgent, overdue, domain, title, title_en, version)"
    box = "st_tileenvelope(%s, %s, %s)"
    side = 40_075_016.685578488 / 2**z / CLUSTERS_PER_TILE  # metres of Web Mercator, only a drawing unit here
    alone = (
        "1"
        if z >= CLUSTER_BELOW
        else f"count(*) over (partition by floor(st_x(geom) / {side}), floor(st_y(geom) / {side}))"
    )
    inside = f"select *, {alone} as together from ({select}) {columns} where geom && {box}"
    single = geo.mvt_layer(
        "incident",
        f"""select st_asmvtgeom(geom, {box}, {geo.EXTENT}, 256) geom, id::text, state, urgent::int, overdue::int, domain, title,
            title_en, version from found where together = 1""",
    )
    group = geo.mvt_layer(
        "cluster",
        f"""select st_asmvtgeom(st_setsrid(st_makepoint(avg(st_x(geom)), avg(st_y(geom))), 3857), {box}, {geo.EXTENT}, 256) geom,
            count(*)::int as count, sum(urgent::int)::int as urgent, sum(overdue::int)::int as overdue
            from found where together > 1 group by floor(st_x(geom) / {side}), floor(st_y(geom) / {side})""",
    )
    where = [z, x, y]
    made = geo.fetch_value(
        f"with found as materialized ({inside}) select {single} || {group}", [*params, *where, *where, *where]
    )
    return bytes(made)


# --- one case ---


@dataclass(frozen=True)
class Moment:
    """One entry of a timeline: an event of the log with what was said."""

    event: StreamEvent
    text: str
    from_state: str | None


def timeline(incident: Incident) -> list[Moment]:
    """The history of a case, made from the log: oldest first."""
    said = dict(Remark.objects.filter(incident=incident).values_list("version", "text"))
    log = (
        StreamEvent.objects.filter(stream=incident.street, object_id=str(incident.pk))
        .select_related("actor")
        .order_by("seq")
    )
    moments, before = [], None
    for event in log:
        moments.append(Moment(event, said.get(event.object_version, ""), before))
        before = event.payload.get("state")
    return moments


def photo(user: User, photo_id: UUID) -> Attachment:
    """A photo of an incident that the user may see; `not_found` otherwise."""
    found = Attachment.objects.filter(pk=photo_id).first()
    if found is None or not visible_to(user).filter(pk=found.incident_id).exists():
        raise ProblemError("not_found")
    return found


def calendar() -> clock.Calendar:
    """The working calendar as administrators keep it; the shipped one before it was seeded."""
    days = dict(Holiday.objects.values_list("date", "working"))
    return clock.Calendar(days) if days else clock.Calendar.shipped()


# --- catalogue ---


def classes_in_force() -> QuerySet[IncidentClass]:
    """Classes that can be reported today, each with its conditions in force."""
    today = timezone.localdate()
    in_force = Q(valid_from__lte=today) & (Q(valid_to__isnull=True) | Q(valid_to__gte=today))
    conditions = ClassCondition.objects.filter(in_force).order_by("number")
    return IncidentClass.objects.filter(in_force).prefetch_related(
        Prefetch("conditions", conditions, to_attr="in_force")
    )


def class_by_key(key: str) -> IncidentClass:
    """A class in force by its key "scheme/domain/code"; `unknown_class` otherwise."""
    scheme, _, rest = key.partition("/")
    domain, _, code = rest.partition("/")
    found = classes_in_force().filter(scheme=scheme, domain=domain, code=code).first()
    if found is None:
        raise ProblemError("unknown_class", fields={"class_key": "unknown_class"})
    return found


def condition_of(klass: IncidentClass, number: int | None) -> ClassCondition | None:
    """The condition of a class by number; without a number its only one, else None until somebody says which."""
    known: list[ClassCondition] = klass.in_force  # type: ignore[attr-defined]  # prefetched by classes_in_force
    if number is None:
        return known[0] if len(known) == 1 else None
    for condition in known:
        if condition.number == number:
            return condition
    raise ProblemError("unknown_condition", fields={"condition": "unknown_condition"})


def condition_for(incident: Incident, number: int | None) -> ClassCondition | None:
    """The condition that sets the limit: the one named now, else the reported one, else the mildest of the class."""
    if number is None and incident.condition:
        return incident.condition
    klass = classes_in_force().filter(pk=incident.klass_id).first()
    if klass is None:  # a class that has ended since
        return None
    known: list[ClassCondition] = klass.in_force  # type: ignore[attr-defined]  # prefetched
    return condition_of(klass, number) if number is not None else (known[-1] if known else None)


QUICK_DAYS = 90


def quick_classes(user: User, fallback: Sequence[str]) -> list[str]:
    """The ten classes reported most in the user's area lately (of the area, never of a person), filled up from `fallback`."""
    since = timezone.now() - timedelta(days=QUICK_DAYS)
    scope = access.scope_of(user, "incident.view")
    streets = {areacode.stream_of(clause.prefix) for clause in scope.clauses}
    wide = Q(pk__in=[])
    for street in streets:
        wide |= Q(street__startswith=street)
    top = (
        Incident.objects.filter(wide, reported_at__gt=since, klass__valid_to__isnull=True)
        .values_list("klass__scheme", "klass__domain", "klass__code")
        .annotate(times=Count("pk"))
        .order_by("-times", "klass__code")[:10]
    )
    keys = ["/".join(row[:3]) for row in top]
    return [*keys, *(key for key in fallback if key not in keys)][:10]


def suggested_departments(user: User) -> dict[str, int]:
    """The department that usually handles what a handler name of the catalogue stands for, by that name."""
    return dict(Department.objects.values_list("name", "id"))


# --- people ---


def nearest_worker(incident: Incident) -> User | None:
    """The nearest worker on duty who serves the incident's cell; one without a fix comes last, None if nobody is on duty."""
    serving = Duty.objects.filter(user__is_active=True, user__grants__role=Role.WORKER)
    serving = serving.filter(user__grants__area_code__in=areacode.ancestors(incident.area_code)).select_related("user")
    if incident.handled_by_id:
        serving = serving.exclude(user=incident.handled_by_id)
    if incident.point:
        serving = serving.annotate(away=Distance("point", incident.point)).order_by(F("away").asc(nulls_last=True))
    found = serving.first()
    return found.user if found else None


def may_verify(person: User, incident: Incident) -> bool:
    return access.scope_of(person, "incident.verify_repair").covers(incident.area_code)
