"""Who may take a step on one incident, and what must hold for it."""

from collections.abc import Callable

from gridmap import access
from gridmap.errors import ProblemError
from gridmap.models import Role, User
from incidents import workflow
from incidents.models import CITIZEN_ORIGINS, Domain, Incident, Rating, RequestKind, Wish
from incidents.queries.deadlines import stage_deadline
from incidents.queries.parts import own_parts
from incidents.queries.procedures import stage_allows, version_for
from incidents.queries.requests import extensions_left, objected, open_request, suspended_before
from incidents.workflow import Guard, Level

# What whoever joined a report may do with the case.
ADDS = frozenset({"incident.note", "incident.photo", "incident.join"})


def roles_at(actor: User, permission: str, incident: Incident) -> set[Role]:
    """The roles that give the actor this permission on this incident.

    A worker keeps hers on a case that she reported or that was given to her to verify, even outside her cells; on one
    that her report joined she may add to it.
    """
    held = access.TABLE[permission]
    own = actor.pk in (incident.reporter_id, incident.verifier_id)
    own = own or (permission in ADDS and actor.pk in incident.joined_by)
    return {
        role
        for role, prefix, department in access.grants_of(actor).rows
        if role in held
        and (incident.area_code.startswith(prefix) or (own and role is Role.WORKER))
        and (department is None or department in incident.departments)
        and stage_allows(permission, role, department, incident)
    }


def _citizen_verified(actor: User, incident: Incident) -> None:
    if incident.source in CITIZEN_ORIGINS and not incident.verified_report:
        raise ProblemError("not_verified")


def _cell_level(actor: User, incident: Incident) -> None:
    if incident.level != Level.CELL:
        raise ProblemError("passed_up")


def _not_top_level(actor: User, incident: Incident) -> None:
    if workflow.next_level(Level(incident.level)) is None:
        raise ProblemError("top_level")


def _own_department(actor: User, incident: Incident) -> None:
    own = {
        d
        for role, prefix, d in access.grants_of(actor).rows
        if role == Role.HANDLER and incident.area_code.startswith(prefix)
    }
    if incident.department_id not in own:
        raise ProblemError("forbidden")


def _not_the_reporter(actor: User, incident: Incident) -> None:
    if incident.reporter_id == actor.pk:
        raise ProblemError("own_report")


def _not_the_handler(actor: User, incident: Incident) -> None:
    if incident.handled_by_id == actor.pk:
        raise ProblemError("own_work")


def _the_reporter(actor: User, incident: Incident) -> None:
    if incident.reporter_id != actor.pk:
        raise ProblemError("others_report")


def _alone(actor: User, incident: Incident) -> None:
    if incident.reports > 1:
        raise ProblemError("others_joined")


def _new_to_her(actor: User, incident: Incident) -> None:
    """A worker sees a thing once; an acceptor takes the calls of many."""
    seen = actor.pk in (incident.reporter_id, *incident.joined_by)
    if seen and roles_at(actor, "incident.join", incident) <= {Role.WORKER}:
        raise ProblemError("reported_already")


def _has_parent(actor: User, incident: Incident) -> None:
    if incident.parent_id is None:
        raise ProblemError("no_parent")


def _has_procedure(actor: User, incident: Incident) -> None:
    if version_for(incident.klass, incident.area_code) is None:
        raise ProblemError("no_procedure")


def _not_a_matter(actor: User, incident: Incident) -> None:
    if incident.klass.domain == Domain.MATTER:
        raise ProblemError("is_matter")


def _extendable(actor: User, incident: Incident) -> None:
    if incident.procedure and stage_deadline(incident) is None:
        raise ProblemError("no_limit")
    if open_request(incident, RequestKind.EXTENSION):
        raise ProblemError("asked_already")
    if extensions_left(incident) <= 0:
        raise ProblemError("no_more_extensions")


def _extension_asked(actor: User, incident: Incident) -> None:
    one = open_request(incident, RequestKind.EXTENSION)
    if one is None or one.first_at:
        raise ProblemError("nothing_asked")
    if one.asked_by_id == actor.pk:
        raise ProblemError("own_word")


def _extension_endorsed(actor: User, incident: Incident) -> None:
    one = open_request(incident, RequestKind.EXTENSION)
    if one is None or one.first_at is None:
        raise ProblemError("nothing_asked")
    if actor.pk in (one.first_by_id, one.asked_by_id):
        raise ProblemError("own_word")


def _district_leader(actor: User, incident: Incident) -> None:
    """A director of more than a street: what is said in a street is decided above it."""
    reach = {
        prefix
        for role, prefix, _ in access.grants_of(actor).rows
        if role is Role.DIRECTOR and incident.area_code.startswith(prefix)
    }
    if not any(len(prefix) < len(incident.street) for prefix in reach):
        raise ProblemError("forbidden")


def _has_receipt(actor: User, incident: Incident) -> None:
    if incident.receipt_id is None:
        raise ProblemError("no_resident")


def _not_asked(actor: User, incident: Incident) -> None:
    if incident.questions.filter(ended_at__isnull=True).exists():
        raise ProblemError("question_open")


def _reopening_wished(actor: User, incident: Incident) -> None:
    if not Rating.objects.filter(incident=incident, wish=Wish.OPEN).exists():
        raise ProblemError("no_wish")


def _never_suspended(actor: User, incident: Incident) -> None:
    if suspended_before(incident):
        raise ProblemError("suspended_once")


def _suspension_not_asked(actor: User, incident: Incident) -> None:
    if open_request(incident, RequestKind.SUSPENSION):
        raise ProblemError("asked_already")


def _suspension_asked(actor: User, incident: Incident) -> None:
    _asked_by_another(actor, incident, RequestKind.SUSPENSION)


def _not_her_suspension(actor: User, incident: Incident) -> None:
    """A director suspends of her own accord too, but decides nothing that she asked for as a department."""
    one = open_request(incident, RequestKind.SUSPENSION)
    if one and one.asked_by_id == actor.pk:
        raise ProblemError("own_word")


def _asked_by_another(actor: User, incident: Incident, kind: RequestKind) -> None:
    one = open_request(incident, kind)
    if one is None:
        raise ProblemError("nothing_asked")
    if one.asked_by_id == actor.pk:
        raise ProblemError("own_word")


def _objectable(actor: User, incident: Incident) -> None:
    if objected(incident):
        raise ProblemError("objected_already")


def _objection_open(actor: User, incident: Incident) -> None:
    _asked_by_another(actor, incident, RequestKind.OBJECTION)


def _own_part(actor: User, incident: Incident) -> None:
    if not own_parts(actor, incident):
        raise ProblemError("no_part")


GUARDS: dict[Guard, Callable[[User, Incident], None]] = {
    Guard.CITIZEN_VERIFIED: _citizen_verified,
    Guard.CELL_LEVEL: _cell_level,
    Guard.NOT_TOP_LEVEL: _not_top_level,
    Guard.OWN_DEPARTMENT: _own_department,
    Guard.NOT_THE_REPORTER: _not_the_reporter,
    Guard.NOT_THE_HANDLER: _not_the_handler,
    Guard.THE_REPORTER: _the_reporter,
    Guard.ALONE: _alone,
    Guard.NEW_TO_HER: _new_to_her,
    Guard.HAS_PARENT: _has_parent,
    Guard.HAS_PROCEDURE: _has_procedure,
    Guard.NOT_A_MATTER: _not_a_matter,
    Guard.EXTENDABLE: _extendable,
    Guard.EXTENSION_ASKED: _extension_asked,
    Guard.EXTENSION_ENDORSED: _extension_endorsed,
    Guard.NEVER_SUSPENDED: _never_suspended,
    Guard.SUSPENSION_NOT_ASKED: _suspension_not_asked,
    Guard.SUSPENSION_ASKED: _suspension_asked,
    Guard.NOT_HER_SUSPENSION: _not_her_suspension,
    Guard.OBJECTABLE: _objectable,
    Guard.OBJECTION_OPEN: _objection_open,
    Guard.OWN_PART: _own_part,
    Guard.DISTRICT_LEADER: _district_leader,
    Guard.HAS_RECEIPT: _has_receipt,
    Guard.NOT_ASKED: _not_asked,
    Guard.REOPENING_WISHED: _reopening_wished,
}


def holds(guard: Guard, actor: User, incident: Incident) -> bool:
    """Whether a guard lets this person through now."""
    try:
        GUARDS[guard](actor, incident)
    except ProblemError:
        return False
    return True
