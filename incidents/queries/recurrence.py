"""How often trouble comes back: for the statistics."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q

from gridmap import access
from gridmap.models import User
from incidents.models import Incident
from incidents.workflow import State

NOT_COUNTED = (State.MERGED, State.RETRACTED, State.DECLINED)  # no case of their own


@dataclass(frozen=True)
class RepeatRate:
    """New cases of one class in one area, and how many of them were the trouble of a closed case again."""

    area_code: str
    class_key: str
    title: str
    title_en: str
    cases: int
    again: int

    @property
    def share(self) -> float:
        """Between 0 and 1; there is always at least one case."""
        return self.again / self.cases


def repeat_rates(
    user: User, *, since: datetime, until: datetime, area: str = "", most: int | None = None
) -> list[RepeatRate]:
    """The repeat rate by cell and class, highest share first: of the cases reported in [since, until) within `area`.

    A case recurs if one of the same class was closed close by not long before (rule 9 of the domain; distance and days
    are the class's, as they were when the case was reported). Merged, retracted and declined cases do not count. Only
    cells in the user's scope; where the scope is a handler's, only cases of her department. Nothing here is by person.
    With `most` only what came back at all, the most frequent first, and no more than so many.
    """
    scope = access.scope_of(user, "incident.view")
    if not scope.clauses:
        return []
    rows = (
        Incident.objects.filter(scope.q(), reported_at__gte=since, reported_at__lt=until, area_code__startswith=area)
        .exclude(state__in=NOT_COUNTED)
        .values("area_code", "klass__scheme", "klass__domain", "klass__code", "klass__name", "klass__name_en")
        .annotate(cases=Count("pk"), again=Count("pk", filter=Q(recurrence_of__isnull=False)))
        .order_by((F("again") * 1.0 / F("cases")).desc(), "-cases", "area_code", "klass__code")
    )
    if most is not None:
        rows = rows.filter(again__gt=0).order_by("-again", "cases", "area_code", "klass__code")[:most]
    return [
        RepeatRate(
            row["area_code"], "/".join((row["klass__scheme"], row["klass__domain"], row["klass__code"])),
            row["klass__name"], row["klass__name_en"], row["cases"], row["again"],
        )
        for row in rows
    ]  # fmt: skip
