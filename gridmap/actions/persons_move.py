"""Cells were cut anew: people by service go to the cell in which they live now."""

from collections.abc import Iterable
from uuid import UUID

from gridmap import events, geo
from gridmap.actions.persons import draft_of
from gridmap.errors import ProblemError
from gridmap.models import ServedPerson, User
from gridmap.queries import persons as queries
from gridmap.registry import Successors


def move(successors: Successors, actor: int | None) -> int:
    """Give everyone of a cell that ended the code of the cell in which she lives, an event for each; how many.

    Where she lives is sealed: who cannot be opened goes to the first cell that follows.
    """
    people = ServedPerson.objects.filter(pk__in=hold(successors)).select_related("key").order_by("pk")
    drafts = []
    for person in people:
        now = _now_in(person, successors)
        if now == person.area_code:  # a community got cells, and where she lives cannot be opened
            continue
        person.area_code = now
        person.version += 1
        person.save(update_fields=["area_code", "version", "changed_at"])
        drafts.append(draft_of(person, "person.moved"))
    events.record_all(drafts, User.objects.filter(pk__in=[actor] if actor else []).first())
    return len(drafts)


def hold(cells: Iterable[str]) -> list[UUID]:
    """Lock the people of these cells, in one order."""
    people = ServedPerson.objects.filter(area_code__in=list(cells)).order_by("pk")
    return list(people.select_for_update(of=("self",)).values_list("pk", flat=True))


def _now_in(person: ServedPerson, successors: Successors) -> str:
    after = successors[person.area_code]
    found = _where(person)
    if found and found.startswith(person.area_code[:9]):
        return found
    return after[0] if after else person.area_code[:12]


def _where(person: ServedPerson) -> str | None:
    try:
        lon, lat = queries.opened(person, queries.ring())["point"]
    except ProblemError:  # turned off, or without its keys: cells are cut all the same
        return None
    return geo.locate(lon, lat)
