"""Whoever holds several records holds a place before what lies in it, and a record before its proposals: nobody waits in a ring."""

from collections.abc import Callable

import pytest
from django.db import transaction
from django.db.models import Model

from gridmap.actions.moving import hold_records
from gridmap.models import Household, Place, Proposal
from tests import factories
from tests.factories import CELL
from tests.gridmap.register.records import building, change, decide, dwelling, household, propose
from tests.threads import meeting


def locked(model: type[Model], pk: str) -> Callable[[], object]:
    """Lock one row, or fail at once where another has it."""
    return lambda: model._default_manager.select_for_update(of=("self",), nowait=True).get(pk=pk)


@pytest.mark.django_db(transaction=True)
def test_who_waits_for_a_place_holds_nothing_that_lies_in_it_and_who_waits_for_a_record_no_proposal() -> None:
    town = factories.town()
    house = building(town.community)
    home = dwelling(town.community, house["id"])
    lived = household(town.community, home["id"])
    wish = propose(town.acceptor, "place", house, {"floors": 6})

    @transaction.atomic
    def cut() -> None:
        hold_records([CELL])

    meeting(
        locked(Place, house["id"]),
        lambda: change(town.worker, "place", home, {"floors": 1}),
        locked(Place, home["id"]),
    )
    meeting(locked(Place, home["id"]), cut, locked(Household, lived["id"]))
    meeting(locked(Place, house["id"]), lambda: decide(town.worker, wish), locked(Proposal, wish))
