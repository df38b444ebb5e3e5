"""A resident with a phone and no account: report, receipt, a question and its answer, in a real browser."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from scripts.support.processes import Server
from tests.e2e.conftest import DESKTOP, SignIn, screenshot
from tests.e2e.test_pages import serious
from tests.factories import photo

CELL = "990101001001004"
PHONE = ViewportSize(width=390, height=844)


@pytest.fixture(params=["light", "dark"])
def phone(browser: Browser, product: Server, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(
        base_url=product.url, viewport=PHONE, locale="zh-CN", timezone_id="Asia/Shanghai", is_mobile=True, has_touch=True,
        color_scheme=request.param,
    )  # fmt: skip
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []
    assert context.cookies() == []  # nobody is marked
    context.close()


def accessible(page: Page, name: str) -> None:
    found = serious(page)
    assert found == [], json.dumps(found, ensure_ascii=False, indent=1)
    screenshot(page, f"resident-{name}")


def report(page: Page, tmp_path: Path) -> tuple[str, str]:
    """Through the three steps; number and password of the receipt."""
    picture = tmp_path / "litter.jpg"
    picture.write_bytes(photo(colour="olive").read())
    page.goto(f"/r/{CELL}")
    expect(page.get_by_role("link", name="急救 120")).to_have_attribute("href", "tel:120")
    accessible(page, "start")
    page.get_by_role("button", name="反映一个问题").click()
    accessible(page, "what")
    page.get_by_role("searchbox").fill("井盖")
    expect(page.locator(".classes button").first).to_contain_text("井盖")
    page.locator(".classes button").first.click()
    page.get_by_label("情况").fill("3 号楼门口,昨晚开始")
    page.locator("input[type=file]").set_input_files(picture)
    expect(page.locator(".taken img")).to_be_visible()
    accessible(page, "tell")
    page.get_by_role("button", name="下一步").click()
    page.locator("svg.map").press("ArrowUp")
    accessible(page, "where")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("密码只显示这一次")).to_be_visible(timeout=15_000)
    accessible(page, "receipt")
    number, password = page.locator("dl dd").all_inner_texts()
    return number, password


def test_a_resident_reports_is_asked_and_answers(phone: Page, sign_in: SignIn, tmp_path: Path) -> None:
    number, password = report(phone, tmp_path)
    assert re.fullmatch(r"\d{6}-\d{6}", number)
    phone.get_by_role("link", name="查看已反映的问题").click()
    expect(phone.get_by_label("编号")).to_have_value(number)
    phone.get_by_label("密码").fill(password.lower())
    accessible(phone, "look-up")
    phone.get_by_role("button", name="查看", exact=True).click()
    expect(phone.get_by_text("工作人员会到现场看一看")).to_be_visible()

    acceptor = sign_in("acceptor01", DESKTOP).page
    newest = acceptor.request.get("/api/incidents?limit=1").json()["items"][0]
    acceptor.goto(f"/street?case={newest['id']}")
    expect(acceptor.get_by_text(number)).to_be_visible()
    acceptor.get_by_role("button", name="询问居民").first.click()
    dialog = acceptor.get_by_role("dialog")
    dialog.get_by_label("要问的话").fill("井盖在楼的哪一边?")
    dialog.get_by_role("button", name="询问居民").click()
    expect(dialog).to_be_hidden()

    phone.get_by_role("button", name="刷新").click()
    expect(phone.get_by_text("井盖在楼的哪一边?")).to_be_visible()
    accessible(phone, "question")
    phone.get_by_label("您的回答").fill("北边")
    phone.get_by_role("button", name="提交回答").click()
    expect(phone.get_by_text("您作了回答")).to_be_visible()
    expect(acceptor.get_by_text("北边", exact=False)).to_be_visible(timeout=10_000)  # no reload: it is live


def test_a_matter_is_registered_from_home_and_papers_follow(phone: Page, tmp_path: Path) -> None:
    paper = tmp_path / "paper.jpg"
    paper.write_bytes(photo(colour="linen").read())
    phone.goto("/guide/001/book")
    phone.get_by_text("网上", exact=True).click()
    accessible(phone, "online")
    phone.get_by_label("要办什么").fill("厨房失火，暂时没有住处")
    phone.get_by_role("button", name="登记").click()
    expect(phone.get_by_role("heading", name="已登记")).to_be_visible()
    accessible(phone, "online-receipt")
    password = phone.locator("dl dd").all_inner_texts()[1]
    phone.get_by_role("link", name="补充材料、查看进度").click()
    phone.get_by_label("密码").fill(password)
    phone.get_by_role("button", name="查看", exact=True).click()
    phone.get_by_text("拍照补充材料").click()
    phone.locator("input[type=file]").set_input_files(paper)
    phone.get_by_role("button", name="上传照片").click()
    expect(phone.get_by_text("照片已上传")).to_be_visible()
    accessible(phone, "online-way")


def test_a_code_that_is_no_cell_says_what_to_do(phone: Page) -> None:
    phone.goto("/r/990101001001999")
    expect(phone.get_by_role("link", name="拨打 12345")).to_be_visible()
    accessible(phone, "no-cell")


def test_the_sheet_of_a_cell_shows_its_code(sign_in: SignIn) -> None:
    person = sign_in("community01", DESKTOP)
    person.page.goto("/sheet")
    person.page.locator("li a").first.click()
    expect(person.page.get_by_role("img")).to_be_visible()
    person.page.get_by_role("img").evaluate("image => image.decode()")  # fails if it is no picture
    accessible(person.page, "sheet")
    assert person.errors == []
