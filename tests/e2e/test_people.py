"""People by service in the browser: registered with consent, opened for a reason, ended; and who looked stands in the log."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESKTOP, TABLET, SignIn

SLOW = 30_000  # milliseconds that a busy machine may take
NAME, PHONE = "欧阳试用", "13800001234"


def register(page: Page) -> None:
    page.get_by_text("救助服务", exact=True).click()
    page.get_by_role("button", name="登记", exact=True).click(timeout=SLOW)
    form = page.get_by_role("dialog")
    expect(form.get_by_text("我同意社区")).to_be_visible()
    form.get_by_label(re.compile("^姓名")).fill(NAME)
    form.get_by_label(re.compile("^电话")).fill("138")
    form.get_by_label("已向本人说明并征得同意").check()
    form.get_by_role("button", name="登记", exact=True).click()
    expect(form.get_by_text("电话号码不对")).to_be_visible(timeout=SLOW)
    form.get_by_label(re.compile("^电话")).fill(PHONE)
    form.get_by_role("button", name="登记", exact=True).click()
    expect(form).to_have_count(0, timeout=SLOW)


def open_known(page: Page) -> None:
    """Whoever is registered again is told of the record that there is, and comes to it."""
    page.get_by_role("button", name="登记", exact=True).click()
    form = page.get_by_role("dialog")
    form.get_by_label(re.compile("^姓名")).fill(NAME)
    form.get_by_label(re.compile("^电话")).fill(PHONE)
    form.get_by_label("已向本人说明并征得同意").check()
    form.get_by_role("button", name="登记", exact=True).click()
    form.get_by_role("button", name="打开已有的记录").click(timeout=SLOW)
    expect(page.get_by_role("button", name="显示全部")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("article")).to_have_count(1)


def take_out_number(page: Page) -> None:
    card = page.get_by_role("article")
    card.get_by_role("button", name="更多操作").click()
    card.get_by_role("button", name="修改").click()
    form = page.get_by_role("dialog")
    form.get_by_role("button", name="清空 · 电话").click()
    form.get_by_label(re.compile("^搬了家")).check()
    form.get_by_role("button", name="保存").click()
    expect(page.get_by_role("article").filter(has_text="欧阳*").filter(has_text="没有电话")).to_have_count(
        1, timeout=SLOW
    )


def test_somebody_is_registered_opened_for_a_reason_and_her_service_ended(sign_in: SignIn) -> None:
    page = sign_in("community02", TABLET).page
    page.goto("/people")
    register(page)
    card = page.get_by_role("article").filter(has_text="欧阳*")
    expect(card).to_contain_text("138****1234", timeout=SLOW)
    expect(page.get_by_text(NAME)).to_have_count(0)
    card.get_by_role("button", name="查看").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("联系本人").check()
    dialog.get_by_label(re.compile("^说明")).fill("告知办理进度")
    dialog.get_by_role("button", name="查看").click()
    opened = page.get_by_role("article").filter(has_text=NAME)
    expect(opened).to_contain_text(PHONE, timeout=SLOW)
    opened.get_by_role("button", name="收起").click()
    expect(page.get_by_text(PHONE)).to_have_count(0)
    card.get_by_role("button", name="更多操作").click()
    card.get_by_role("button", name="结束服务").click()
    dialog.get_by_role("button", name="结束服务").click()
    expect(card).to_have_count(0, timeout=SLOW)
    page.get_by_text("已结束", exact=True).click()
    expect(card).to_contain_text("后删除", timeout=SLOW)

    register(page)
    page.get_by_text("服务中", exact=True).click()
    open_known(page)
    take_out_number(page)

    director = sign_in("director", DESKTOP).page
    director.goto("/looks")
    row = director.get_by_role("row").filter(has_text="告知办理进度")
    expect(row).to_contain_text("戴云", timeout=SLOW)
    expect(director.get_by_text("记录完整")).to_be_visible(timeout=SLOW)
    expect(director.get_by_text(NAME)).to_have_count(0)
