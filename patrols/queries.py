"""Reads of people on the ground."""

from os.path import commonprefix

from gridmap import access, areacode
from gridmap.errors import ProblemError
from gridmap.models import User


def home_area(worker: User) -> str:
    """The smallest area that holds all cells of a worker: who sees it, sees her on duty. `no_area` without a cell."""
    prefixes = [clause.prefix for clause in access.scope_of(worker, "duty.set").clauses]
    shared = commonprefix(prefixes)
    fitting = [width for width in areacode.WIDTHS if width <= len(shared)]
    if not fitting:
        raise ProblemError("no_area")
    return shared[: fitting[-1]]
