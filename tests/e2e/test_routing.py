"""Routing rules in the browser: an administrator edits a draft, the director tries it, it is put in force, the dispatcher reads why."""

from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESKTOP, SignIn, screenshot
from tests.e2e.test_pages import LANDSCAPE, serious

KEY, STREET = "GB30428.2-2013/event/0405", "990101001"  # shops trading outside their doors; usually law enforcement's


def tab(page: Page, name: str) -> None:
    page.locator("label").filter(has_text=name).first.click()


def cases(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.request.get(f"/api/incidents?class_key={KEY}&limit=200").json()["items"]
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_of_the_rules_shows_and_is_accessible(sign_in: SignIn, theme: Literal["light", "dark"]) -> None:
    person = sign_in("director", LANDSCAPE, theme=theme)
    page = person.page
    page.goto("/admin-routing")
    expect(page.locator("tbody tr").first).to_be_visible()
    for name in ("规则", "检查", "试算"):
        tab(page, name)
        page.wait_for_timeout(800)
        screenshot(page, f"routing-{name}-{theme}")
        assert serious(page) == []
    expect(page.get_by_role("button", name="新建草稿")).to_have_count(0)  # a director reads and tries
    assert person.errors == []


def add_a_rule(admin: Page) -> None:
    """A draft with one rule more, which the check finds nothing wrong with."""
    admin.goto("/admin-routing")
    admin.get_by_role("button", name="新建草稿").click()
    admin.get_by_role("button", name="+ 加一条").click()
    form = admin.get_by_role("dialog")
    form.get_by_label("区域").select_option(STREET)
    form.locator("label:has(select)").filter(has_text="类别").locator("select").select_option(KEY)
    form.get_by_label("部门").select_option(label="街道")
    assert serious(admin) == []
    form.get_by_role("button", name="保存").click()
    expect(form).to_be_hidden()
    tab(admin, "检查")
    expect(admin.get_by_text("检查通过")).to_be_visible()


def test_a_rule_is_added_tried_put_in_force_and_explained(sign_in: SignIn) -> None:
    admin, director = sign_in("admin", DESKTOP).page, sign_in("director", DESKTOP).page
    add_a_rule(admin)

    director.goto("/admin-routing")
    expect(director.locator("tbody tr").first).to_be_visible()
    director.get_by_label("版本").select_option(index=0)
    tab(director, "试算")
    expect(director.get_by_text("件会改派到别的部门")).to_be_visible()
    move = director.locator("details").first
    expect(move).to_contain_text("综合执法 → 街道")
    move.locator("summary").click()
    screenshot(director, "routing-trial")
    assert serious(director) == []

    admin.get_by_role("button", name="生效", exact=True).click()
    dialog = admin.get_by_role("dialog")
    dialog.get_by_label("理由").fill("街道统一管理店外经营")
    dialog.get_by_role("button", name="生效", exact=True).click()
    expect(admin.get_by_text("生效理由：街道统一管理店外经营")).to_be_visible()

    one = next(
        card for card in cases(director) if card["department_name"] == "综合执法"
    )  # some still wait to be assigned
    director.goto(f"/street?case={one['id']}")
    why = director.locator(".why")
    expect(why).to_contain_text("综合执法：按第")  # what was in force when it was assigned
    why.get_by_role("button").click()
    expect(why).to_contain_text("现行第 2 版： 街道：按第")
    expect(why.get_by_text("但有区域更具体的规则").first).to_be_visible()
    screenshot(director, "routing-why")
    assert serious(director) == []
