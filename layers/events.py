"""What happens to map data, as typed events."""

from typing import Literal

from ninja import Schema
from pydantic import ConfigDict

from gridmap.events import EventBase, register


class SourceVersion(Schema):
    """Which source has new features; clients ask for the tiles again."""

    model_config = ConfigDict(extra="forbid")

    source: str
    version: int


class BasemapEvent(EventBase):
    kind: Literal["basemap.changed"]
    payload: SourceVersion


register(BasemapEvent)
