"""Rows of the kernel: areas, people who work here, their grants, the log, and who is on duty where."""

from gridmap.models.areas import Area, AreaKind, AreaSuccessor, Transform
from gridmap.models.hooks import Hook, HookAttempt, HookReached, Off
from gridmap.models.intake import ImportRefusal, ImportRun, ImportState
from gridmap.models.log import Inbox, StreamEvent, StreamHead
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
    "ApiToken",
    "Area",
    "AreaKind",
    "AreaSuccessor",
    "Department",
    "Duty",
    "Grams",
    "GramsLookup",
    "Grant",
    "Hook",
    "HookAttempt",
    "HookReached",
    "Household",
    "ImportRefusal",
    "ImportRun",
    "ImportState",
    "Inbox",
    "Off",
    "Organisation",
    "Place",
    "Pledge",
    "PledgeKind",
    "Proposal",
    "ProposalState",
    "PublicObject",
    "Record",
    "Role",
    "StreamEvent",
    "StreamHead",
    "Transform",
    "User",
]
