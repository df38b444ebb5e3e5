"""The page of a cell: what is in it, who serves it, what is due, and what others have to say about it."""

from typing import Any

from django.db.models import Count, Q, Sum
from django.utils import timezone

from gridmap import areacode, queries, registry
from gridmap.errors import ProblemError
from gridmap.models import Area, Grant, Household, Organisation, Place, PublicObject, Role, User
from gridmap.queries import register

SERVING = (Role.WORKER, Role.COMMUNITY)


def cell_page(user: User, code: str) -> dict[str, Any]:
    """Everything of a cell or community that the user may see; `not_found` for others."""
    area = queries.areas_in_scope(user).filter(pk=code, level__gte=areacode.COMMUNITY).first()
    if area is None:
        raise ProblemError("not_found")
    names = queries.area_names(areacode.ancestors(code))
    return {
        "code": code, "name": area.name, "name_en": area.name_en, "kind": area.kind, "households": area.households,
        "community": names.get(code[:12], ""), "street": names.get(code[:9], ""), "counts": counts(code),
        "serving": serving(area), "due": _due(user, code), "sections": registry.sections_of(user, code),
    }  # fmt: skip


def counts(code: str) -> dict[str, int]:
    """What is recorded in an area, as sums: no address and no person follows from them."""
    here = Q(area_code__startswith=code, ended_at=None)
    places = dict(Place.objects.filter(here).values_list("kind").annotate(Count("pk")).order_by())
    lived = Household.objects.filter(here).aggregate(
        households=Count("pk"),
        persons=Sum("size"),
        over_60=Sum("over_60"),
        over_80=Sum("over_80"),
        under_14=Sum("under_14"),
    )
    return {
        **{f"{kind}s": places.get(kind, 0) for kind in ("compound", "building", "dwelling")},
        "premises": places.get("premises", 0),
        **{name: value or 0 for name, value in lived.items()},
        "objects": PublicObject.objects.filter(here).count(),
        "organisations": Organisation.objects.filter(here).count(),
    }


def serving(area: Area) -> list[dict[str, str]]:
    """Who serves a cell and its community, or a community and its cells, and where: name and office phone are public, as rules
    for grids demand (practice of boards).
    """
    above = areacode.ancestors(area.code)[areacode.COMMUNITY - 1 :]
    given = Grant.objects.filter(
        Q(area_code__in=above) | Q(area_code__startswith=area.code), role__in=SERVING, user__is_active=True
    )
    rows = list(given.select_related("user").order_by("-role", "area_code", "user__name"))
    names = queries.area_names(one.area_code for one in rows)
    return [
        {
            "name": str(one.user), "role": one.role, "phone": one.user.phone, "area": one.area_code,
            "area_name": names.get(one.area_code, ""),
        }
        for one in rows
    ]  # fmt: skip


def _due(user: User, code: str) -> dict[str, int]:
    """How many records of each kind are due for verification, of those that the user may see."""
    today = timezone.localdate()
    due = {
        kind: register.visible(user, kind).filter(area_code__startswith=code, due_on__lte=today).count()
        for kind in register.MODELS
    }
    return {kind: count for kind, count in due.items() if count}
