"""What every event carries."""

from ninja import Schema
from pydantic import AwareDatetime, ConfigDict


class EventBase(Schema):
    """What every event carries; `payload` is what a subclass says, with no further fields."""

    model_config = ConfigDict(extra="forbid")

    stream: str
    seq: int
    kind: str
    at: AwareDatetime
    area: str
    object: str
    version: int


class Nothing(Schema):
    """The payload of an event that says all by its kind and object."""

    model_config = ConfigDict(extra="forbid")
