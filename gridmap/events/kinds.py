"""The events of the kernel: areas, people who work here, webhooks, the register, imports, cells."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict

from gridmap.events.base import EventBase, Nothing


class AreaEvent(EventBase):
    kind: Literal["area.changed"]
    payload: Nothing


class DepartmentNow(Schema):
    """A department after the change; `ended` is its last day."""

    model_config = ConfigDict(extra="forbid")

    name: str
    name_en: str
    parent: int | None
    ended: date | None
    successor: int | None


class DepartmentEvent(EventBase):
    """The tree of departments changed; `object` is the department's id."""

    kind: Literal[
        "department.added",
        "department.renamed",
        "department.moved",
        "department.ended",
        "department.kept",
        "department.handed_over",
    ]
    payload: DepartmentNow


class GrantEvent(EventBase):
    """The grants of a user changed; `object` is the user's id. Her live channels read their scope again."""

    kind: Literal["grant.changed"]
    payload: Nothing


class PlanNow(Schema):
    """A plan of cells after the change."""

    model_config = ConfigDict(extra="forbid")

    state: str
    valid_from: date | None


class CellsEvent(EventBase):
    """What becomes of a plan of cells; `object` is its id, `area` the community. What it puts in force is told as area.changed."""

    kind: Literal[
        "cells.asked", "cells.proposed", "cells.failed", "cells.changed", "cells.published", "cells.recalled",
        "cells.withdrawn", "cells.in_force", "cells.not_in_force",
    ]  # fmt: skip
    payload: PlanNow


class HookNow(Schema):
    """A webhook after the change; where it leads is read by who may."""

    model_config = ConfigDict(extra="forbid")

    active: bool


class HookEvent(EventBase):
    """What happens to a webhook. Administrators hear of it, and no webhook tells it."""

    kind: Literal[
        "hook.added", "hook.changed", "hook.secret_changed", "hook.switched_off", "hook.asked", "hook.removed"
    ]
    payload: HookNow


class PersonNow(Schema):
    """Which service, and the names of what changed. No value of hers, not even masked."""

    model_config = ConfigDict(extra="forbid")

    service: str
    fields: list[str]


class PersonEvent(EventBase):
    """What happens to the record of somebody served; `object` is its id. No webhook tells it."""

    kind: Literal[
        "person.registered", "person.changed", "person.consented", "person.withdrew", "person.ended", "person.moved",
        "person.deleted",
    ]  # fmt: skip
    payload: PersonNow


class RecordNow(Schema):
    """What of a record changed: each field before and after. `imported` is the import that it came with."""

    model_config = ConfigDict(extra="forbid")

    record: Literal["place", "household", "object", "organisation"]
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    imported: UUID | None = None


class PledgeNow(Schema):
    """A need or an offer; what it says is read by who may."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["need", "offer"]


class PledgeEvent(EventBase):
    """A need or an offer was written down, taken on or done; `object` is its id."""

    kind: Literal["register.pledged", "register.pledge_taken", "register.pledge_done"]
    payload: PledgeNow


class RecordEvent(EventBase):
    """The register of a cell changed; `object` is the record's id. What concerns households has kinds of its own."""

    kind: Literal[
        "register.recorded", "register.changed", "register.verified", "register.ended", "register.moved", "register.proposed",
        "register.decided", "household.recorded", "household.changed", "household.verified", "household.ended", "household.moved",
        "household.proposed", "household.decided",
    ]  # fmt: skip
    payload: RecordNow


class FormEvent(EventBase):
    """A form of the register was kept, changed, deleted, or asked by the clock; `object` is its id."""

    kind: Literal["form.kept", "form.changed", "form.dropped", "form.made", "form.missed"]
    payload: Nothing


class FormExported(Schema):
    """A table that was taken out: of what, how, how many rows."""

    model_config = ConfigDict(extra="forbid")

    record: Literal["place", "household", "object", "organisation"]
    lists: bool
    format: Literal["csv", "xlsx"]
    rows: int


class FormExportEvent(EventBase):
    """Somebody took a table out of the system; `object` is the area that it was asked of."""

    kind: Literal["form.exported"]
    payload: FormExported


class ImportNow(Schema):
    """An import after the step, in counts of rows."""

    model_config = ConfigDict(extra="forbid")

    record: Literal["place", "household", "object", "organisation"]
    made: int
    changed: int
    refused: int
    undone: int


class ImportEvent(EventBase):
    """An import of a file into the register; `object` is its id. What it writes stands in the log record by record."""

    kind: Literal[
        "import.uploaded", "import.ready", "import.failed", "import.checking", "import.checked", "import.running",
        "import.stopped", "import.done", "import.undoing", "import.undone",
    ]  # fmt: skip
    payload: ImportNow
