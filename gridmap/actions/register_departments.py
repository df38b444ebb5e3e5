"""A department ended and another takes over what it was to public objects: authority, owner, maintainer."""

from django.db.models import F, Q

from gridmap import events
from gridmap.actions.register import draft
from gridmap.models import Department, PublicObject

ROLES = ("authority", "owner", "maintainer")


def objects_to(one: Department, heir: Department) -> tuple[events.Draft, ...]:
    """Let the successor stand wherever a department that ended stood in objects in force; the events of it, not stored."""
    concerned = Q(*((role, one) for role in ROLES), _connector=Q.OR)
    held = PublicObject.objects.filter(concerned, ended_at=None).select_for_update(of=("self",)).order_by("pk")
    rows = list(held.defer("search"))
    for role in ROLES:
        mine = [row.pk for row in rows if getattr(row, f"{role}_id") == one.pk]
        PublicObject.objects.filter(pk__in=mine).update(**{role: heir})
    PublicObject.objects.filter(pk__in=[row.pk for row in rows]).update(version=F("version") + 1)
    return tuple(_told(row, one, heir) for row in rows)


def _told(row: PublicObject, one: Department, heir: Department) -> events.Draft:
    roles = [role for role in ROLES if getattr(row, f"{role}_id") == one.pk]
    row.version += 1
    return draft("object", row, "changed", before=dict.fromkeys(roles, one.pk), after=dict.fromkeys(roles, heir.pk))
