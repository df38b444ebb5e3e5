"""Plans of cells in the demo town: the planner has asked for three of the first community, and a worker makes them."""

from uuid import UUID

from gridmap.actions import plans
from gridmap.management.demo import STREET
from gridmap.models import User

COMMUNITY = f"{STREET}002"
IDS = tuple(UUID(f"018f0000-0000-7000-8000-0000000ce11{at}") for at in range(3))


def put_plans(planner: User) -> None:
    """Have three plans of one community made, of different sizes, and one that changes little."""
    wishes = (("全新划分", 400, "anew"), ("小一些", 350, "anew"), ("少改动", 400, "little"))
    for plan_id, (name, target, start) in zip(IDS, wishes, strict=True):
        plans.ask(planner, plan_id, plans.Wish(COMMUNITY, name, target=target, start=start))
