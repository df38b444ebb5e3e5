"""What residents read without an account: the page of a cell, a small map of it, and how the case of a receipt stands.

Nothing here names a person or a department but who serves the cell, says what was noted inside, or tells of another case.
"""

from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from gridmap import access, areacode
from gridmap.errors import ProblemError
from gridmap.models import Area, StreamEvent, User
from gridmap.queries import area_names, cells_after
from gridmap.queries.cell_page import serving
from incidents import catalogue as shipped
from incidents import guides, receipts
from incidents.models import Domain, Incident, Rating, Receipt, Remark, Wish
from incidents.queries.bookings import booking_of, booking_page
from incidents.queries.catalogue import classes_in_force, quick_in
from incidents.queries.guides import expected_end
from incidents.queries.together import above
from incidents.workflow import TERMINAL, State
from layers.models import Source

MARGIN = 60  # metres of EPSG:3857 shown around a cell


def cell_in_force(code: str) -> Area:
    """The cell of a QR code; `no_cell`, or `cell_ended` with the cells that followed it."""
    found = Area.objects.defer("geom_3857").filter(pk=code, level=areacode.CELL, geom__isnull=False).first()
    if found is None:
        raise ProblemError("no_cell")
    if found.valid_to is not None:
        raise ProblemError("cell_ended", detail={"successors": cells_after(code)})
    return found


def viewable_cell(user: User, code: str) -> Area:
    """A cell in force that the user may view; `not_found` otherwise."""
    scope = access.scope_of(user, "area.view")
    cells = Area.objects.filter(scope.q("code"), pk=code, level=areacode.CELL, valid_to__isnull=True)
    found = cells.defer("geom", "geom_3857").first()
    if found is None:
        raise ProblemError("not_found")
    return found


def middle_of(cell: Area) -> tuple[float, float]:
    """A place inside the cell, in degrees."""
    assert cell.geom is not None
    inside = cell.geom.point_on_surface
    return inside.x, inside.y


def cell_page(code: str) -> dict[str, Any]:
    """What the page of a cell needs: its names, its middle, and the classes, the ten most used of the street first."""
    cell = cell_in_force(code)
    above = area_names(areacode.ancestors(code))
    quick = quick_in([areacode.stream_of(code)], [str(key) for key in shipped.QUICK])
    classes = [
        {
            "key": c.key, "domain": c.domain, "code": c.code, "name": c.name, "name_en": c.name_en, "pinyin": c.pinyin,
            "initials": c.initials,
        }
        for c in classes_in_force().exclude(domain=Domain.MATTER)
    ]  # fmt: skip
    return {
        "code": code, "name": cell.name, "community": above.get(code[:12], ""), "street": above.get(code[:9], ""),
        "center": middle_of(cell), "classes": classes, "quick": quick, "serving": serving(cell),
    }  # fmt: skip


def cell_map(code: str) -> dict[str, Any]:
    """A small map of a cell as paths of SVG, in metres of EPSG:3857 from its upper left corner, and what that is in degrees.

    A phone draws and moves it without a map library. It holds the base map alone, and the border of the cell.
    """
    cell_in_force(code)
    sql = f"""
        with box as (select st_expand(st_envelope(geom_3857), {MARGIN}) as b from gridmap_area where code = %(code)s),
        corner as (select b, st_xmin(b) as x, st_ymax(b) as y from box),
        drawn as (
            select layer, st_clipbybox2d(f.geom_3857, b) as geom, x, y from layers_feature f, corner
            where f.geom_3857 && b and layer in ('road', 'building', 'water', 'green') and minz <= 16
            union all select 'cell', geom_3857, x, y from gridmap_area, corner where code = %(code)s)
        select layer, string_agg(st_assvg(st_translate(st_simplify(geom, 0.5), -x, -y), 0, 1), ' ')
        from drawn where not st_isempty(geom) group by layer"""
    bounds = """
        with box as (select st_expand(st_envelope(geom_3857), %(margin)s) as b from gridmap_area where code = %(code)s),
        turned as (select b, st_transform(st_setsrid(b, 3857), 4326) as d from box)
        select st_xmax(b) - st_xmin(b), st_ymax(b) - st_ymin(b), st_xmin(d), st_ymin(d), st_xmax(d), st_ymax(d) from turned"""
    with connection.cursor() as cursor:
        cursor.execute(bounds, {"code": code, "margin": MARGIN})
        width, height, *degrees = cursor.fetchone()
        cursor.execute(sql, {"code": code})
        paths = dict(cursor.fetchall())
    layers = {name: paths.get(name) or "" for name in ("green", "water", "building", "road", "cell")}
    named = Source.objects.exclude(attribution="").order_by("key").values_list("attribution", flat=True)
    return {
        "width": round(width), "height": round(height), "bounds": degrees, "paths": layers,
        "attributions": list(dict.fromkeys(named)),
    }  # fmt: skip


# --- a receipt ---


def current_case(receipt: Receipt) -> Incident:
    """The case of a receipt that counts now: the last one; `not_begun` while there is only a booking."""
    found = receipt.incidents.select_related("klass").order_by("reported_at", "number").last()
    if found is None:
        raise ProblemError("not_begun")
    return found


def receipt_page(receipt: Receipt) -> dict[str, Any]:
    """How the resident's case stands, what happens next and until when, and the steps so far."""
    cases = list(receipt.incidents.select_related("klass", "procedure").order_by("reported_at", "number"))
    if not cases:
        booking = booking_of(receipt)
        return booking_page(booking) | _held(receipt, steps([(booking.area_code[:9], str(booking.pk))]))
    case = cases[-1]
    here = _worked_on(case)
    state = State(here.state)
    asked = case.questions.filter(ended_at__isnull=True) if State(case.state) not in TERMINAL else None
    question = asked.first() if asked else None
    ratings = list(Rating.objects.filter(incident__in=cases).order_by("rated_at"))
    rating = next((r for r in ratings if r.incident_id == case.pk), None)
    due = question.until if question else here.due_at
    return {
        "title": case.klass.name, "title_en": case.klass.name_en, "state": state,
        "area_name": area_names([case.area_code]).get(case.area_code, ""),
        "next": receipts.next_step(
            state, verified=here.verified_report, asked=question is not None, rated=rating is not None or here != case,
            wished=rating is not None and rating.wish == Wish.OPEN,
        ),
        "until": timezone.localtime(due).date() if due else None, "late": bool(due and due < timezone.now()),
        "question": {"text": question.text, "until": question.until} if question else None,
        "rating": {"outcome": rating.outcome, "wish": rating.wish, "reply": rating.reply} if rating else None,
        "matter": matter_so_far(case), "photos": sum(c.attachments.filter(uploaded_by=None).count() for c in cases),
        "booking": None, "may_add": State(case.state) not in TERMINAL,
    } | _held(receipt, steps([(case.street, str(case.pk)) for case in cases]))  # fmt: skip


def _held(receipt: Receipt, so_far: list[dict[str, Any]]) -> dict[str, Any]:
    return {"number": receipt.number, "reported_at": receipt.created_at, "steps": so_far}


BEGUN = ("incident.reported", "incident.registered")
TOLD_WHY = {State.WAITING: "incident.supplement_asked", State.REFUSED: "incident.refused"}


def matter_so_far(case: Incident) -> dict[str, Any] | None:
    """Of a case that follows a procedure: its stage and the next one, by when all is done, why it waits or was refused."""
    if case.procedure is None:
        return None
    going = State(case.state) not in TERMINAL
    after = guides.ahead(case.procedure.table, case.stage) if going else []
    end = expected_end(case) if going else None
    return {
        "kind": case.klass.code if case.klass.domain == Domain.MATTER else "",
        "stage": case.stage_name if going else "", "stage_en": case.stage_name_en if going else "",
        "next": after[0].name if after else "", "next_en": after[0].name_en if after else "",
        "end_by": timezone.localdate(end) if end else None, "why": _why(case),
    }  # fmt: skip


def _why(case: Incident) -> str:
    """The reason that the applicant was given for what she waits by, or for the end."""
    kind = TOLD_WHY.get(State(case.state))
    if kind is None:
        return ""
    log = StreamEvent.objects.filter(stream=case.street, object_id=str(case.pk), kind=kind)
    last = log.order_by("seq").values_list("object_version", flat=True).last()
    return Remark.objects.filter(incident=case, version=last or 0).values_list("text", flat=True).first() or ""


def _worked_on(case: Incident) -> Incident:
    """The case itself, or the one that it was merged into: what becomes of that becomes of hers. It is rated by its own reporter."""
    return Incident.objects.get(pk=above(case.pk)[-1]) if case.merged_into_id else case


def steps(of: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """The steps of cases, by street and id, in the resident's words, oldest first: when and what, by nobody."""
    wanted = Q(pk__in=[])
    for street, identity in of:
        wanted |= Q(stream=street, object_id=identity)
    log = StreamEvent.objects.filter(wanted, kind__in=receipts.STEPS).order_by("created_at", "seq")
    first = of[0][1]
    found = log.values_list("kind", "object_id", "created_at")
    return [
        {"at": at, "step": receipts.STEPS[kind]}
        for kind, case, at in found
        if kind not in BEGUN or case == first  # a case that follows begins with "reopened"
    ]


def said_by_resident(incident: Incident) -> dict[str, Any]:
    """Questions, answers and rating of a resident's case, and the cases before and after it, for its acceptors."""
    rating = Rating.objects.select_related("follow_up").filter(incident=incident).first()
    before = Rating.objects.select_related("incident").filter(follow_up=incident).first()
    receipt = incident.receipt
    return {
        "receipt": receipt.number if receipt else "",
        "questions": list(incident.questions.values("text", "asked_at", "until", "answer", "ended_at")),
        "rating": rating and {
            "outcome": rating.outcome, "text": rating.text, "rated_at": rating.rated_at, "wish": rating.wish,
            "reply": rating.reply,
        },
        "follows": _ref(before.incident) if before else None,
        "followed_by": _ref(rating.follow_up) if rating and rating.follow_up else None,
    }  # fmt: skip


def _ref(incident: Incident) -> dict[str, Any]:
    return {"id": incident.pk, "number": incident.label}
