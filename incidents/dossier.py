"""What goes into the archive of a finished matter, before it is a PDF.

Pure: no Django, no database.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    what: str
    who: str
    stage: str
    words: str


@dataclass(frozen=True, slots=True)
class Signed:
    stage: str
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Paper:
    name: str
    jpeg: bytes


@dataclass(frozen=True)
class Dossier:
    """All that goes into the archive of one matter."""

    number: str
    kind: str
    area: str
    office: str
    description: str
    outcome: str
    registered_at: datetime
    ended_at: datetime
    basis: str
    moments: Sequence[Moment]
    signatures: Sequence[Signed] = field(default_factory=tuple)
    papers: Sequence[Paper] = field(default_factory=tuple)
