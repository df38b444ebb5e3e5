"""A mistaken report, put right or taken back by the one who made it, until it is filed."""

from collections.abc import Callable

from django.contrib.gis.geos import Point

from gridmap import areacode, geo
from gridmap.errors import ProblemError
from incidents import queries
from incidents.actions import clocks
from incidents.actions.clocks import CLEARED, Changes
from incidents.actions.effects import Correction, Taking
from incidents.models import Domain, Incident
from incidents.workflow import Action


def _correct(t: Taking) -> Changes:
    """Put right what differs. The timeline says what; the words that stood before are kept beside it."""
    wanted = t.given.correction
    assert wanted  # needed by the table
    incident, before = t.incident, t.incident.description
    changes = _class_and_condition(incident, wanted) | _place(incident, wanted) | _words(incident, wanted)
    if not changes:
        raise ProblemError("correction_needed", fields={"correction": "correction_needed"})
    names = {"klass": "class", "condition": "condition", "point": "place", "description": "words", "address": "address"}
    t.tale.changed += [names[field] for field in changes if field in names]
    if "description" in changes:
        t.tale.said = before
    if changes.keys() & {"klass", "point"}:
        incident.klass, incident.point = changes.get("klass", incident.klass), changes.get("point", incident.point)
        changes["recurrence_of"] = queries.recurs(incident)
    return changes


def _class_and_condition(incident: Incident, wanted: Correction) -> Changes:
    other = wanted.class_key is not None and wanted.class_key != incident.klass.key
    if not other and wanted.condition is None:
        return {}
    klass = queries.class_by_key(wanted.class_key or incident.klass.key)
    if klass.domain == Domain.MATTER:  # those are registered at the counter
        raise ProblemError("unknown_class", fields={"class_key": "unknown_class"})
    condition = queries.condition_of(klass, wanted.condition)
    changes: Changes = {"klass": klass, "answers": None} if other else {}  # they were to the questions of the old class
    if condition != incident.condition:
        changes |= {"condition": condition, "urgent": bool(condition and condition.limit.endswith("!"))}
    return changes


def _place(incident: Incident, wanted: Correction) -> Changes:
    if wanted.lon is None or wanted.lat is None:
        return {}
    point = Point(wanted.lon, wanted.lat, srid=4326)
    if incident.point == point:
        return {}
    area_code = geo.locate(point.x, point.y)
    if area_code is None:
        raise ProblemError("point_outside", fields={"lon": "point_outside", "lat": "point_outside"})
    if areacode.stream_of(area_code) != incident.street:  # its number and its log are that street's
        raise ProblemError("other_street", fields={"lon": "other_street", "lat": "other_street"})
    return {"point": point, "area_code": area_code}


def _words(incident: Incident, wanted: Correction) -> Changes:
    given = {"description": wanted.description, "address": wanted.address}
    return {field: text for field, text in given.items() if text is not None and text != getattr(incident, field)}


def _retract(t: Taking) -> Changes:
    clocks.stop(t.incident, t.cause)
    return CLEARED | {"closed_at": t.now}


EFFECTS: dict[Action, Callable[[Taking], Changes]] = {Action.CORRECT: _correct, Action.RETRACT: _retract}
