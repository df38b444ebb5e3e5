"""Rows of the kernel: areas, people who work here, their grants, the log, and who is on duty where."""

from gridmap.models.areas import Area, AreaKind, AreaSuccessor, Transform
from gridmap.models.forms import FormResult, SavedForm
from gridmap.models.hooks import Hook, HookAttempt, HookReached, Off
from gridmap.models.intake import ImportRefusal, ImportRun, ImportState
from gridmap.models.log import Inbox, StreamEvent, StreamHead
from gridmap.models.persons import (
    AccessLook,
    Consent,
    How,
    LookAction,
    LookHead,
    PersonKey,
    ServedPerson,
    Tombstone,
    Why,
)
from gridmap.models.plans import CellGround, CellPlan, PlanState
from gridmap.models.register import (
    Household,
    Organisation,
    Place,
    Pledge,
    PledgeKind,
    Proposal,
    ProposalState,
    PublicObject,
    Record,
)  # fmt: skip
from gridmap.models.search import Grams, GramsLookup
from gridmap.models.staff import ApiToken, Department, Duty, Grant, Role, User

__all__ = [
    "AccessLook",
    "ApiToken",
    "Area",
    "AreaKind",
    "AreaSuccessor",
    "CellGround",
    "CellPlan",
    "Consent",
    "Department",
    "Duty",
    "FormResult",
    "Grams",
    "GramsLookup",
    "Grant",
    "Hook",
    "HookAttempt",
    "HookReached",
    "Household",
    "How",
    "ImportRefusal",
    "ImportRun",
    "ImportState",
    "Inbox",
    "LookAction",
    "LookHead",
    "Off",
    "Organisation",
    "PersonKey",
    "Place",
    "PlanState",
    "Pledge",
    "PledgeKind",
    "Proposal",
    "ProposalState",
    "PublicObject",
    "Record",
    "Role",
    "SavedForm",
    "ServedPerson",
    "StreamEvent",
    "StreamHead",
    "Tombstone",
    "Transform",
    "User",
    "Why",
]
