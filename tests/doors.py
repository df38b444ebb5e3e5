"""What opens the endpoints of parts that keep it in files of their own, and requests to them that are right."""

from typing import Any

from tests import departments, gate, hook_bodies, persons, plans, register_doors
from tests.incidents import residents

RULES = (
    departments.RULES | gate.RULES | hook_bodies.RULES | plans.RULES | persons.RULES | register_doors.RULES | residents.RULES
)  # fmt: skip


def bodies_of_parts() -> dict[str, Any]:
    """By endpoint, where they do not hang on the rows of the world."""
    return (
        residents.residents_bodies() | plans.plan_bodies() | persons.person_bodies() | hook_bodies.hook_bodies()
        | register_doors.register_bodies()
    )  # fmt: skip
