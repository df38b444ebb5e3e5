"""Reads of people on the ground."""

from gridmap import access, areacode
from gridmap.errors import ProblemError
from gridmap.models import User


def home_area(worker: User) -> str:
    """The smallest area that holds all cells of a worker: who sees it, sees her on duty. `no_area` without a cell."""
    found = areacode.shared([clause.prefix for clause in access.scope_of(worker, "duty.set").clauses])
    if found is None:
        raise ProblemError("no_area")
    return found
