"""An administrator redefines the tree of departments in the browser."""

import re

from playwright.sync_api import expect

from tests.e2e.conftest import DESKTOP, SignIn

SLOW = 30_000  # milliseconds that a busy machine may take


def test_a_department_is_added_renamed_and_ended_with_a_successor_in_the_browser(sign_in: SignIn) -> None:
    page = sign_in("admin", DESKTOP).page
    page.goto("/admin-departments")
    page.get_by_role("button", name="增加部门").click()
    form = page.get_by_role("dialog")
    form.get_by_label("名称", exact=True).fill("路灯")
    form.get_by_label(re.compile("^代码")).fill("lamps")
    form.get_by_role("button", name="增加部门").click()
    row = page.get_by_role("button", name=re.compile("路灯"))
    row.click(timeout=SLOW)
    page.get_by_role("button", name="改名").click()
    form.get_by_label("名称", exact=True).fill("照明")
    form.get_by_role("button", name="改名").click()
    expect(page.get_by_role("button", name=re.compile("照明"))).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="停用", exact=True).click()
    form.get_by_label("由谁接续").select_option(label="市政")
    expect(form.get_by_text("一起转到市政")).to_be_visible()
    form.get_by_role("button", name="停用", exact=True).click()
    expect(row).to_have_count(0, timeout=SLOW)
    page.get_by_label("也显示已停用的部门").check()
    expect(page.get_by_role("button", name=re.compile("照明.*由市政接续"))).to_be_visible(timeout=SLOW)
