"""Reads of needs and offers."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from gridmap import access
from gridmap.errors import ProblemError
from gridmap.models import Pledge, User
from gridmap.queries import area_names

MOST = 200


def visible(user: User) -> QuerySet[Pledge]:
    """The needs and offers of the areas whose register the user may see."""
    return Pledge.objects.filter(access.scope_of(user, "register.view").q())


def one(user: User, pledge_id: UUID) -> Pledge:
    """One of them; `not_found` if it is not hers to see."""
    found = visible(user).filter(pk=pledge_id).first()
    if found is None:
        raise ProblemError("not_found")
    return found


def listed(user: User, area: str) -> list[dict[str, Any]]:
    """Those of an area and of the community around it that are not done, then the last ones that are; 200 at most."""
    rows = visible(user).filter(area_code__startswith=area[:12]).select_related("by", "taken_by")
    return shown(rows.order_by(F("done_at").desc(nulls_first=True), "created_at")[:MOST])


def shown(rows: Iterable[Pledge]) -> list[dict[str, Any]]:
    """As they are sent: who offers, who took it on, how it stands."""
    some = list(rows)
    names = area_names(one.area_code for one in some)
    return [
        {
            "id": one.pk, "kind": one.kind, "text": one.text, "area": one.area_code, "area_name": names.get(one.area_code, one.area_code),
            "by": one.by.name if one.by else None, "taken_by": one.taken_by.name if one.taken_by else None, "taken_at": one.taken_at,
            "done_at": one.done_at, "version": one.version,
        }
        for one in some
    ]  # fmt: skip
