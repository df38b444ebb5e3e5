"""The main job end to end: four people, each with a browser of her own, from report to close."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import DESKTOP, TABLET, SignIn, screenshot
from tests.factories import photo

CLASS = "暴露生活垃圾"


def own_cell(page: Page) -> dict[str, Any]:
    """A cell that the signed-in worker serves and where no such case is open, so that its rows are told apart."""
    mine = {grant["area_code"] for grant in page.request.get("/api/me").json()["grants"]}
    cells: list[dict[str, Any]] = page.request.get("/api/areas?level=6").json()
    return next(
        cell for cell in cells if cell["code"] in mine and cell["center"] and not _open_cases(page, cell["code"])
    )


def _open_cases(page: Page, area: str) -> list[Any]:
    found = page.request.get(f"/api/incidents?open=true&area={area}&q={CLASS}&limit=200").json()["items"]
    return [card for card in found if card["title"] == CLASS]


def stand_in(page: Page, cell: dict[str, Any]) -> None:
    lon, lat = cell["center"]
    page.context.set_geolocation({"longitude": lon, "latitude": lat, "accuracy": 6})


def report(page: Page, tmp_path: Path, class_name: str) -> None:
    """Four taps: report, take the photo, the class, send."""
    picture = tmp_path / "litter.jpg"
    picture.write_bytes(photo(colour="olive").read())
    page.get_by_role("button", name="上报", exact=True).click()
    sheet = page.get_by_role("region", name="上报")
    sheet.locator("input[type=file]").first.set_input_files(picture)
    sheet.get_by_role("button", name=class_name, exact=True).first.click()
    expect(sheet.get_by_text(re.compile("网格")).first).to_be_visible()
    sheet.get_by_role("button", name="发送", exact=True).click()


def take_step(page: Page, action: str, **given: str) -> None:
    """Press an action of the open case and confirm its dialog; `given` fills its fields by label."""
    page.get_by_role("button", name=action, exact=True).first.click()
    dialog = page.get_by_role("dialog").last
    for label, text in given.items():
        dialog.get_by_label(label).fill(text)
    dialog.get_by_role("button", name=action, exact=True).click()
    expect(dialog).to_be_hidden()


def row_of(page: Page, cell: dict[str, Any]) -> Locator:
    """The row of the case in a list, which updates by itself."""
    return page.locator("button.row").filter(has_text=CLASS).filter(has_text=cell["name"]).first


def test_from_report_to_close_by_four_people_without_a_reload(sign_in: SignIn, tmp_path: Path) -> None:
    acceptor = sign_in("acceptor01", DESKTOP)
    expect(acceptor.page.get_by_text("实时", exact=True).first).to_be_visible(timeout=15_000)
    worker = sign_in("worker01", TABLET)
    cell = own_cell(worker.page)
    stand_in(worker.page, cell)
    worker.page.reload()

    before = acceptor.page.request.get("/api/incidents?limit=1").json()["items"][0]["number"]
    report(worker.page, tmp_path, CLASS)
    expect(row_of(acceptor.page, cell)).to_be_visible(timeout=5000)  # no reload: the live channel brought it
    number = acceptor.page.request.get("/api/incidents?limit=1").json()["items"][0]["number"]
    assert number != before
    screenshot(acceptor.page, "street-new")

    row_of(acceptor.page, cell).click()
    take_step(acceptor.page, "立案")
    dispatcher = sign_in("dispatcher01", DESKTOP)
    row_of(dispatcher.page, cell).click()
    take_step(dispatcher.page, "派遣")
    expect(row_of(acceptor.page, cell)).to_contain_text("待处置", timeout=5000)

    department = dispatcher.page.request.get("/api/incidents?limit=1").json()["items"][0]["department_name"]
    handler = sign_in(
        {"环卫": "clean01", "综合执法": "law01", "街道": "street01", "市政": "works01"}[department], DESKTOP
    )
    row_of(handler.page, cell).click()
    take_step(handler.page, "处置反馈", 处置情况="已清运,地面冲洗完毕")
    expect(row_of(acceptor.page, cell)).to_contain_text("待核查", timeout=5000)

    worker.page.get_by_role("button", name="任务", exact=False).first.click()
    row_of(worker.page, cell).click()
    take_step(worker.page, "核查")
    expect(row_of(acceptor.page, cell)).to_contain_text("待结案", timeout=10_000)
    take_step(acceptor.page, "结案")

    detail = acceptor.page.request.get(f"/api/incidents?q={number}&limit=1").json()["items"][0]
    assert detail["state"] == "closed"
    assert [*acceptor.errors, *worker.errors, *dispatcher.errors, *handler.errors] == []
