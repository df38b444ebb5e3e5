"""Statistics and brief in a real browser: they show, by keyboard too, in both languages and themes; an export asks what for."""

import csv
import io
import json
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESKTOP, TABLET, SignIn, screenshot
from tests.e2e.test_pages import serious

SIZES = {"desktop": DESKTOP, "tablet": TABLET}


def open_page(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_timeout(3500)  # facts are counted, charts and the map draw


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", ["statistics", "brief"])
def test_it_shows_and_is_accessible(sign_in: SignIn, path: str, size: str, theme: Literal["light", "dark"]) -> None:
    person = sign_in("director", SIZES[size], theme=theme)
    open_page(person.page, f"/{path}")
    screenshot(person.page, f"{path}-{size}-{theme}")
    assert serious(person.page) == [], json.dumps(serious(person.page), ensure_ascii=False, indent=1)
    assert person.errors == []


def test_every_chart_has_its_table_and_the_keyboard_reaches_it(sign_in: SignIn) -> None:
    page = sign_in("director", DESKTOP).page
    open_page(page, "/statistics")
    charts = page.locator("section.chart")
    assert charts.count() in range(11, 15)  # matters, and what came back, only where there are any
    for number in range(charts.count()):
        region = charts.nth(number).get_by_role("region").last
        region.focus()
        expect(region).to_be_focused()
        assert region.locator("tbody tr").count() > 0
    assert page.locator("section.chart svg").count() >= 10


def test_an_export_asks_what_for_and_is_a_table(sign_in: SignIn) -> None:
    page = sign_in("director", DESKTOP).page
    open_page(page, "/statistics")
    page.get_by_role("button", name="导出：按类别").click()
    page.get_by_label("用途").select_option("meeting")
    page.get_by_text("CSV").click()
    with page.expect_download() as waited:
        page.get_by_role("dialog").get_by_role("button", name="导出", exact=True).click()
    assert waited.value.suggested_filename.startswith("class-")
    rows = list(csv.reader(io.StringIO(Path(waited.value.path()).read_text(encoding="utf-8-sig"))))
    assert rows[0][:3] == ["代码", "名称", "上报"]
    assert len(rows) > 5


def test_a_period_without_cases_says_so(sign_in: SignIn) -> None:
    page = sign_in("clean01", DESKTOP).page
    open_page(page, "/statistics?first=2011-01-01&last=2011-01-02&area=990101001999")
    expect(page.get_by_text("这段时间没有案件")).to_be_visible()
