"""The clock of a case opens into why it is due when it is, on a second tap."""

from playwright.sync_api import expect

from tests.e2e.conftest import DESKTOP, SignIn, screenshot


def test_a_second_tap_on_the_clock_says_why_it_is_this_time(sign_in: SignIn) -> None:
    director = sign_in("director", DESKTOP)
    page = director.page
    cases = page.request.get("/api/incidents?state=assigned,in_work&limit=1").json()["items"]
    why = page.request.get(f"/api/incidents/{cases[0]['id']}/deadline").json()["running"]
    page.goto(f"/street?case={cases[0]['id']}")
    page.locator(".clock .line").click()
    page.get_by_role("button", name="为什么是这个时间").click()
    dialog = page.get_by_role("dialog", name="为什么是这个时间")
    expect(dialog).to_contain_text("到期")
    expect(dialog).to_contain_text("正好是时限")
    expect(dialog.get_by_role("img", name="计入", exact=True).first).to_be_visible()
    marks = dialog.locator("section").first.get_by_role("img", name="计入", exact=True, include_hidden=True)
    assert marks.count() == sum(piece["counts"] for piece in why["pieces"])
    screenshot(page, "deadline")
    assert director.errors == []
