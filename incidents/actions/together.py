"""One thing, one case: reports that join, cases that are merged and split, and cases under a parent."""

from collections.abc import Callable
from uuid import UUID

from django.contrib.gis.geos import Point

from gridmap import access, geo
from gridmap.errors import ProblemError
from gridmap.models import Role, StreamHead, User
from incidents import queries
from incidents.actions.clocks import CLEARED, Changes
from incidents.actions.drafts import draft_of
from incidents.actions.effects import Given, Other, Taking, give_up_turn
from incidents.actions.report import checked_time
from incidents.models import Attachment, CaseLink, Domain, Incident, JoinedReport, Origin, Remark
from incidents.workflow import TERMINAL, Action, Level, State

PAIRS = frozenset({Action.MERGE, Action.SPLIT, Action.PUT_UNDER, Action.TAKE_OUT})


def hold(actor: User, incident_id: UUID, action: Action, given: Given) -> UUID:
    """Lock all cases that a step changes, in one order; returns the case it is about.

    A report that joins a case which was merged meanwhile joins the one that is worked on now.
    """
    if action is Action.JOIN:
        incident = queries.get(actor, incident_id)
        end = ([*queries.above(incident.pk)] or [incident.pk])[-1]
        return end if queries.visible_to(actor).filter(pk=end).exists() else incident.pk
    if action in PAIRS:
        incident = queries.get(actor, incident_id)
        parent = [incident.parent_id] if incident.parent_id else []
        queries.lock_together(
            [incident.pk, *([given.other] if given.other else []), *parent, *queries.above(incident.pk)]
        )
    return incident_id


def _join(t: Taking) -> Changes:
    """Rule 9 of the domain: a repeated report joins the case, and whoever made it hears what becomes of it."""
    seen = t.given.seen
    assert seen  # needed by the table
    checked_time(seen.occurred_at)
    if seen.source != Origin.PATROL and access.grants_of(t.actor).roles <= {Role.WORKER}:
        raise ProblemError("own_eyes", fields={"source": "own_eyes"})
    JoinedReport.objects.create(
        id=t.mutation_id, incident=t.incident, version=t.incident.version + 1, user=t.actor, source=seen.source,
        point=Point(seen.lon, seen.lat, srid=4326), occurred_at=seen.occurred_at, joined_at=t.now,
    )  # fmt: skip
    return {"reports": t.incident.reports + 1, "joined_by": sorted({*t.incident.joined_by, t.actor.pk})}


def _other(t: Taking) -> Incident:
    """The other case of a pair: seen by the actor, of the same street, open, and not this one."""
    assert t.given.other  # needed by the table
    other = queries.visible_to(t.actor).select_related("klass", "department").filter(pk=t.given.other).first()
    if other is None:
        raise ProblemError("unknown_case", fields={"other": "unknown_case"})
    if other.pk == t.incident.pk:
        raise ProblemError("same_case", fields={"other": "same_case"})
    if other.street != t.incident.street:
        raise ProblemError("street_differs", fields={"other": "street_differs"})
    if State(other.state) in TERMINAL:
        raise ProblemError("other_ended")
    if other.klass.domain == Domain.MATTER:  # it stands for the one who asked
        raise ProblemError("other_is_matter", fields={"other": "other_is_matter"})
    return other


def _merge(t: Taking) -> Changes:
    """The case ends in the other, which shows its reports; a department's clock stops with what was left of it."""
    target = _other(t)
    if t.incident.children.exists():
        raise ProblemError("has_children")
    give_up_turn(t)
    persons = {*target.joined_by, *t.incident.joined_by, *([t.incident.reporter_id] if t.incident.reporter_id else [])}
    gained = {"reports": target.reports + t.incident.reports, "joined_by": sorted(persons - {target.reporter_id})}
    t.tale.others.append(Other(target, "incident.received", gained, t.incident.pk))
    t.tale.link = target.pk
    return CLEARED | {"merged_into": target, "department": None, "closed_at": t.now}


def _split(t: Taking) -> Changes:
    """Undo a merge: the case is judged anew, and what it had brought leaves every case above it."""
    own = set(queries.family(t.incident))
    t.tale.link = t.incident.merged_into_id
    for case_id in queries.above(t.incident.pk):
        case = Incident.objects.get(pk=case_id)
        left = [member for member in queries.family(case) if member not in own]
        persons = set(queries.concerned(left)) - {case.reporter_id}
        lost = {"reports": case.reports - t.incident.reports, "joined_by": sorted(persons)}
        t.tale.others.append(Other(case, "incident.released", lost, t.incident.pk))
    return {"merged_into": None, "closed_at": None, "level": Level.STREET}


def _split_off(t: Taking) -> Changes:
    """A report that joined by mistake becomes a case of its own, with its words, its place and its photos."""
    assert t.given.other  # needed by the table
    joined = t.incident.joined.filter(pk=t.given.other).first()
    if joined is None:
        raise ProblemError("unknown_report", fields={"other": "unknown_report"})
    case = _opened(t, joined)
    t.tale.link = case.pk
    Attachment.objects.filter(joined=joined).update(incident=case, joined=None)
    joined.delete()
    case.cover = case.attachments.values_list("pk", flat=True).first()
    Incident.objects.filter(pk=case.pk).update(cover=case.cover)
    t.tale.opened.append(draft_of(case, "incident.reported"))
    return {
        "reports": t.incident.reports - 1, "cover": t.incident.attachments.values_list("pk", flat=True).first(),
        "joined_by": sorted(set(queries.concerned(queries.family(t.incident))) - {t.incident.reporter_id}),
    }  # fmt: skip


def _opened(t: Taking, joined: JoinedReport) -> Incident:
    """The case of its own; its number is that of the event that is stored next, as for every case."""
    old = t.incident
    head = StreamHead.objects.select_for_update().get(stream=old.street)
    area = geo.locate(joined.point.x, joined.point.y) or ""
    said = Remark.objects.filter(incident=old, version=joined.version).first()
    case = Incident.objects.create(
        id=joined.pk, street=old.street, number=head.seq + 1, area_code=area if area.startswith(old.street) else old.area_code,
        point=joined.point, klass=old.klass, description=said.text if said else "", source=joined.source, state=State.REPORTED,
        level=Level.STREET, reporter=joined.user, occurred_at=joined.occurred_at, reported_at=t.now,
    )  # fmt: skip
    CaseLink.objects.create(incident=case, version=1, other=old)
    return case


def _put_under(t: Taking) -> Changes:
    """The case gets a parent of the same street; both go on by themselves."""
    parent = _other(t)
    if parent.parent_id:
        raise ProblemError("is_child", fields={"other": "is_child"})
    if t.incident.children.exists():
        raise ProblemError("has_children")
    if t.incident.parent_id and t.incident.parent_id != parent.pk:
        t.tale.others.append(Other(_parent(t), "incident.child_removed", {}, t.incident.pk))
    t.tale.others.append(Other(parent, "incident.child_added", {}, t.incident.pk))
    t.tale.link = parent.pk
    return {"parent": parent}


def _take_out(t: Taking) -> Changes:
    t.tale.others.append(Other(_parent(t), "incident.child_removed", {}, t.incident.pk))
    t.tale.link = t.incident.parent_id
    return {"parent": None}


def _parent(t: Taking) -> Incident:
    assert t.incident.parent_id  # guarded by the table
    return Incident.objects.select_related("klass", "department").get(pk=t.incident.parent_id)


EFFECTS: dict[Action, Callable[[Taking], Changes]] = {
    Action.JOIN: _join,
    Action.MERGE: _merge,
    Action.SPLIT: _split,
    Action.SPLIT_OFF: _split_off,
    Action.PUT_UNDER: _put_under,
    Action.TAKE_OUT: _take_out,
}
