"""One decision for several cases. Each goes through the one door by itself; what became of it is told case by case."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import DatabaseError, InterfaceError

from gridmap.errors import ProblemError
from gridmap.models import User
from incidents.actions.door import act
from incidents.actions.effects import Given
from incidents.workflow import Action

log = logging.getLogger(__name__)


class Result(StrEnum):
    """What became of one case."""

    DONE = "done"
    STALE = "stale"  # someone was faster
    NOT_POSSIBLE = "not_possible"  # from its state, for this person, or without what the step needs
    FAILED = "failed"  # the server could not; the same request may be sent again


@dataclass(frozen=True)
class Chosen:
    """A case as the person saw it, and the id that its client made for this step on it."""

    id: UUID
    version: int
    mutation_id: UUID


@dataclass(frozen=True)
class Outcome:
    chosen: Chosen
    result: Result
    card: dict[str, Any] | None = None
    problem: ProblemError | None = None


def bulk(actor: User, action: Action, chosen: Iterable[Chosen], given: Given) -> Iterator[Outcome]:
    """Take the same step on each case, one transaction each; a repeat of the whole has no second effect.

    Nothing raises: a case that did not go says why, and the others go on.
    """
    for one in chosen:
        yield _one(actor, action, one, replace(given, version=one.version))


def _one(actor: User, action: Action, chosen: Chosen, given: Given) -> Outcome:
    try:
        done = act(actor, chosen.id, action, mutation_id=chosen.mutation_id, given=given)
    except ProblemError as problem:
        stale = problem.code == "stale"
        current = problem.detail.get("current")
        return Outcome(chosen, Result.STALE if stale else Result.NOT_POSSIBLE, current, problem)
    except (DatabaseError, InterfaceError) as error:
        log.warning("one case of several was not done: %s", str(error).strip())
        return Outcome(chosen, Result.FAILED, problem=ProblemError("unavailable"))
    return Outcome(chosen, Result.DONE, done.body)
