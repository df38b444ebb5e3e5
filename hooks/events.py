"""What happens to webhooks, as typed events. They are told to administrators, and to no webhook."""

from typing import Literal

from ninja import Schema
from pydantic import ConfigDict

from gridmap.events import EventBase, register


class HookNow(Schema):
    """A webhook after the change; where it goes is read by who may."""

    model_config = ConfigDict(extra="forbid")

    active: bool


class HookEvent(EventBase):
    kind: Literal["hook.added", "hook.changed", "hook.switched_off", "hook.asked", "hook.removed"]
    payload: HookNow


register(HookEvent)
