"""Every page at tablet and desktop size, in both languages and both themes: it shows, nothing breaks, axe finds nothing serious."""

import json
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, ViewportSize

from gridmap.management.demo_gate import ASKED
from gridmap.management.demo_plans import COMMUNITY as PLANNED
from gridmap.management.demo_plans import IDS as PLANS
from scripts.support.processes import ROOT
from tests.e2e.conftest import DESKTOP, TABLET, SignIn, screenshot

AXE = (ROOT / "frontend/node_modules/axe-core/axe.min.js").read_text()
SETTLED = """Promise.all(document.getAnimations()
    .filter((one) => one.effect?.getComputedTiming().endTime < 5000).map((one) => one.finished.catch(() => null)))"""
LANDSCAPE = ViewportSize(width=1280, height=800)
PAGES = {
    "street": "director",
    "worker": "worker02",
    "handle": "clean01",
    "counter": "community01",
    "procedures": "director",
    "hooks": "admin",
    "guide": "community01",
    "book": "community01",
    "gate": "community01",
    "departments": "admin",
    "cell": "community01",
    "register": "community01",
    "import": "community01",
    "forms": "community01",
    "people": "community01",
    "looks": "auditor",
    "plan": "planner",
    "communities": "planner",
    "approval": "planner",
}
# Of those that are nobody's home.
ADDRESSES = {
    "counter": "/counter?show=register",
    "procedures": "/admin-procedures",
    "hooks": "/admin-hooks",
    "guide": "/guide/001",
    "book": "/guide/001/book",
    "gate": f"/gate?demand={ASKED[0].id}",
    "departments": "/admin-departments",
    "cell": "/cell/990101001001003",
    "register": "/register",
    "import": "/import",
    "forms": "/forms",
    "people": "/people",
    "looks": "/looks",
    "plan": f"/plan?area={PLANNED}&plan={PLANS[0]}",
    "communities": "/plan/communities?least=1600&most=2400",
    "approval": "/plan/communities?profile=yizheng-2013&paper=1",
}
SIZES = {"desktop": DESKTOP, "tablet": TABLET, "landscape": LANDSCAPE}
Theme = Literal["light", "dark"]


def serious(page: Page) -> list[Any]:
    """What axe calls serious or critical, with the first place of each."""
    page.emulate_media(reduced_motion="reduce")  # what begins to fade while axe reads has no contrast
    page.evaluate(SETTLED)  # nor has what fades already
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        {"rule": v["id"], "help": v["help"], "at": [node["html"][:160] for node in v["nodes"][:3]]}
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_and_is_accessible_at_every_size(sign_in: SignIn, name: str, theme: Theme) -> None:
    person = sign_in(PAGES[name], DESKTOP, theme=theme)
    if name in ADDRESSES:
        person.page.goto(ADDRESSES[name])
    person.page.wait_for_timeout(1500)  # the page comes
    for size, viewport in SIZES.items():
        person.page.set_viewport_size(viewport)
        person.page.wait_for_timeout(1000)  # the map draws
        screenshot(person.page, f"{name}-{size}-{theme}")
        found = serious(person.page)
        assert found == [], f"{size}: {json.dumps(found, ensure_ascii=False, indent=1)}"
    assert person.errors == []
