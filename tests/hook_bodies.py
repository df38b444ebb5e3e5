"""Requests of webhooks that are right in every respect but, perhaps, who makes them."""

from typing import Any
from uuid import uuid4

from tests.factories import CELL

RULES = {
    "GET /api/hooks": ("hook.view", "LIST"),
    "POST /api/hooks": ("hook.manage", "HERE"),
    "GET /api/hooks/{hook_id}": ("hook.view", "AREA"),
    "PUT /api/hooks/{hook_id}": ("hook.manage", "AREA"),
    "DELETE /api/hooks/{hook_id}": ("hook.manage", "AREA"),
    "POST /api/hooks/{hook_id}/ask": ("hook.manage", "AREA"),
    "POST /api/hooks/{hook_id}/secret": ("hook.manage", "AREA"),
}


def hook_bodies() -> dict[str, Any]:
    wanted, once = {"name": "x", "url": "https://example.org/"}, {"mutation_id": str(uuid4())}
    return {
        "POST /api/hooks": wanted | {"id": str(uuid4()), "area": CELL},
        "PUT /api/hooks/{hook_id}": wanted | once | {"version": 1, "active": True},
        "POST /api/hooks/{hook_id}/ask": once,
        "POST /api/hooks/{hook_id}/secret": once | {"version": 1},
    }
