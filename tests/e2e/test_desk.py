"""The desk in a real browser: find, keep the filter, see who else looks, decide for several cases at once and take it back."""

import json
import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESKTOP, SignIn, screenshot
from tests.e2e.test_pages import serious

SLOW = 30_000  # milliseconds that a busy machine may take


def listed(page: Page) -> None:
    """Waits for the list to be there: keys before that have nothing to move in."""
    expect(page.locator(".rows li").first).to_be_visible(timeout=SLOW)


def find(page: Page, text: str) -> None:
    page.keyboard.press("/")
    page.keyboard.type(text)
    with page.expect_response(lambda answer: "/api/incidents?" in answer.url and "q=" in answer.url):
        page.keyboard.press("Enter")
    expect(page.locator(".list .count span").first).to_contain_text("件", timeout=SLOW)


def test_two_characters_find_cases_and_the_filter_is_kept(sign_in: SignIn) -> None:
    person = sign_in("director", DESKTOP)
    page = person.page
    listed(page)
    whole = page.locator(".list .count span").first.inner_text()
    find(page, "井盖")
    found = page.locator(".list .count span").first.inner_text()
    assert found != whole
    page.get_by_role("button", name="保存筛选").click()
    page.keyboard.type("井盖件")
    page.keyboard.press("Enter")
    chip = page.get_by_role("button", name="井盖件")
    expect(chip).to_have_attribute("aria-pressed", "true")
    chip.click()
    expect(page.locator(".list .count span").first).to_have_text(whole, timeout=SLOW)
    page.reload()
    page.get_by_role("button", name="井盖件").click()
    expect(page.locator(".list .count span").first).to_have_text(found, timeout=SLOW)
    expect(page.get_by_role("combobox", name="查找案件")).to_have_value("井盖")
    page.get_by_role("button", name="管理筛选").click()
    assert serious(page) == [], json.dumps(serious(page), ensure_ascii=False, indent=1)
    page.get_by_role("button", name="删除“井盖件”").click()
    expect(page.get_by_role("button", name="井盖件")).to_have_count(0)
    assert person.errors == []


def test_who_else_has_the_case_open_is_named_until_she_closes_it(sign_in: SignIn) -> None:
    first, second = sign_in("director", DESKTOP), sign_in("acceptor01", DESKTOP)
    listed(first.page)
    first.page.keyboard.press("j")
    first.page.keyboard.press("Enter")
    first.page.wait_for_url(re.compile("case="))
    second.page.goto(first.page.url)
    expect(second.page.locator(".panel p.line")).to_contain_text("也在看", timeout=SLOW)
    first.page.keyboard.press("Escape")
    expect(second.page.locator(".panel p.line")).not_to_contain_text("也在看", timeout=SLOW)
    assert first.errors + second.errors == []


def test_several_cases_are_filed_and_assigned_together_and_taken_back(sign_in: SignIn) -> None:
    person = sign_in("director", DESKTOP)
    page = person.page
    listed(page)
    page.locator(".figure.new").click()
    expect(page.locator(".list .count span").first).to_contain_text("件", timeout=SLOW)
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.locator(".rows li button.row").nth(3).click(modifiers=["Shift"])
    expect(page.get_by_role("toolbar")).to_contain_text("已选 4 件", timeout=SLOW)
    page.get_by_role("toolbar").get_by_role("button", name="立案").click()
    page.locator("dialog textarea").fill("一并立案")
    assert serious(page) == [], json.dumps(serious(page), ensure_ascii=False, indent=1)
    page.get_by_role("dialog").get_by_role("button", name="立案").click()
    expect(page.get_by_text(re.compile("已办 [1-4] 件")).first).to_be_visible(timeout=SLOW)
    screenshot(page, "street-bulk-told")
    if page.locator("dialog[open]").count():  # one that a citizen reported is told of: it is verified first
        page.keyboard.press("Escape")
    page.locator(".figure.open").click()
    page.get_by_role("button", name="多选").click()
    page.get_by_role("toolbar").get_by_role("button", name="全选已载入的").click()
    page.keyboard.press("a")
    page.locator("dialog select").select_option(index=1)
    page.get_by_role("dialog").get_by_role("button", name="派遣").click()
    expect(page.get_by_role("heading", name=re.compile("件不能办理"))).to_be_visible(timeout=SLOW)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_text(re.compile("已撤回 [0-9]+ 件派遣"))).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("button", name="撤销")).to_have_count(0)
    assert person.errors == []


def test_a_standard_text_is_filled_and_may_be_mended_before_it_is_sent(sign_in: SignIn) -> None:
    person = sign_in("director", DESKTOP)
    page = person.page
    listed(page)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="+ 备注").click()
    page.locator("dialog summary").click()
    page.locator("dialog .text").first.click()
    field = page.locator("dialog textarea")
    text = field.input_value()
    assert "{" not in text
    screenshot(page, "street-texts")
    field.fill(f"{text}(已核)")
    page.get_by_role("dialog").get_by_role("button", name="备注").click()
    expect(page.locator(".timeline blockquote").first).to_have_text(f"{text}(已核)", timeout=SLOW)
    assert person.errors == []
