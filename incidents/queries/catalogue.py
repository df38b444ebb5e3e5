"""The catalogue as it is in force today, and what of it a worker needs first."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from gridmap import access, areacode
from gridmap.errors import ProblemError
from gridmap.models import User
from gridmap.queries import departments_in_scope
from incidents import catalogue as shipped
from incidents.models import ClassCondition, Domain, Incident, IncidentClass
from incidents.questions import Question

QUICK_DAYS = 90


def classes_in_force() -> QuerySet[IncidentClass]:
    """Classes that can be reported today, each with its conditions in force."""
    today = timezone.localdate()
    in_force = Q(valid_from__lte=today) & (Q(valid_to__isnull=True) | Q(valid_to__gte=today))
    conditions = ClassCondition.objects.filter(in_force).order_by("number")
    return IncidentClass.objects.filter(in_force).prefetch_related(
        Prefetch("conditions", conditions, to_attr="in_force"), "questions"
    )


def questions_of(klass: IncidentClass) -> list[Question]:
    """What the class asks of a report, in order."""
    return [row.as_asked for row in klass.questions.all()]


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


def quick_classes(user: User, fallback: Sequence[str]) -> list[str]:
    """The ten classes reported most lately in the streets where the user reports (never by a person), filled up from `fallback`."""
    scope = access.scope_of(user, "incident.report")
    return quick_in({areacode.stream_of(clause.prefix) for clause in scope.clauses}, fallback)


def quick_in(streets: Iterable[str], fallback: Sequence[str]) -> list[str]:
    """The same for streets by their codes."""
    since = timezone.now() - timedelta(days=QUICK_DAYS)
    wide = Q(pk__in=[])
    for street in streets:
        wide |= Q(street__startswith=street)
    top = (
        Incident.objects.filter(wide, reported_at__gt=since, klass__valid_to__isnull=True)
        .values_list("klass__scheme", "klass__domain", "klass__code")
        .exclude(klass__domain=Domain.MATTER)
        .annotate(times=Count("pk"))
        .order_by("-times", "klass__code")[:10]
    )
    keys = ["/".join(row[:3]) for row in top]
    return [*keys, *(key for key in fallback if key not in keys)][:10]


def suggested_departments(user: User) -> dict[str, int]:
    """The department of the user's areas that a handler name of the catalogue stands for, the nearest one, by that name."""
    return dict(departments_in_scope(user).order_by("area_code").values_list("name", "id"))


def catalogue(user: User) -> dict[str, Any]:
    """Classes in force with the department that usually handles each, and the quick ones."""
    departments = suggested_departments(user)
    classes = [
        {
            "key": c.key, "scheme": c.scheme, "domain": c.domain, "code": c.code, "major": c.major, "name": c.name,
            "name_en": c.name_en, "pinyin": c.pinyin, "initials": c.initials, "urgent": c.urgent,
            "conditions": [condition(x) for x in c.in_force],  # type: ignore[attr-defined]  # prefetched
            "questions": [question(x) for x in questions_of(c)],
            "department": next((departments[h] for h in c.handlers if h in departments), None),
        }
        for c in classes_in_force().exclude(domain=Domain.MATTER)
    ]  # fmt: skip
    return {"classes": classes, "quick": quick_classes(user, [str(key) for key in shipped.QUICK])}


def question(one: Question) -> dict[str, Any]:
    return {
        "key": one.key, "label": one.label, "label_en": one.label_en, "kind": str(one.kind), "required": one.required,
        "choices": list(one.answers), "when": dict([one.when]) if one.when else None, "stop": one.stop,
    }  # fmt: skip


def condition(found: ClassCondition) -> dict[str, Any]:
    return {"number": found.number, "label": found.label, "label_en": found.label_en, "limit": found.limit}
