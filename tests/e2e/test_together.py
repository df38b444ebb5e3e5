"""The street calls departments together: each finds its task at once, and the street sees what became of it."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESKTOP, SignIn, screenshot

# One of each department that has the most cases of the demo town.
HANDLERS = {
    "环卫": "clean01",
    "综合执法": "law01",
    "市政": "works01",
    "园林": "green01",
    "排水": "drain01",
    "供水": "water01",
}


def take(page: Page, step: str, **fields: str) -> None:
    """Take a step of the open case, the fields of its dialog filled in by their labels."""
    page.get_by_role("button", name=step, exact=True).click()
    dialog = page.get_by_role("dialog", name=step)
    for label, value in fields.items():
        dialog.get_by_label(label).fill(value)
    dialog.get_by_role("button", name=step, exact=True).click()
    expect(dialog).to_have_count(0)


def test_a_department_that_is_called_finds_its_task_and_the_street_sees_it_done(sign_in: SignIn) -> None:
    director, joining = sign_in("director", DESKTOP), sign_in("green01", DESKTOP)
    found = director.page.request.get("/api/incidents?state=assigned,in_work&order=due").json()["items"]
    case = next(one for one in found if one["department_name"] != "园林")
    joining.page.goto("/handle")
    joining.page.get_by_text("配合", exact=True).click()
    expect(joining.page.get_by_text("没有要配合的案件")).to_be_visible()

    director.page.goto(f"/street?case={case['id']}")
    director.page.get_by_role("button", name="吹哨", exact=True).click()
    dialog = director.page.get_by_role("dialog", name="吹哨")
    dialog.get_by_label("配合部门").last.select_option(label="园林")
    dialog.get_by_label("要做什么").fill("清运落枝")
    screenshot(director.page, "whistle")
    dialog.get_by_role("button", name="吹哨", exact=True).click()
    expect(director.page.locator(".parts")).to_contain_text("清运落枝")

    joining.page.locator(".list li").first.click()
    expect(joining.page.locator(".parts")).to_contain_text("清运落枝")
    take(joining.page, "配合办完", 处置情况="已清运")
    expect(director.page.locator(".parts .done")).to_contain_text("已清运")
    screenshot(director.page, "parts")
    assert director.errors == joining.errors == []


def test_more_time_is_asked_for_and_decided_by_two(sign_in: SignIn) -> None:
    director, dispatcher = sign_in("director", DESKTOP), sign_in("dispatcher01", DESKTOP)
    found = director.page.request.get("/api/incidents?state=assigned,in_work&order=new").json()["items"]
    case = next(one for one in found if one["department_name"] in HANDLERS)
    handler = sign_in(HANDLERS[case["department_name"]], DESKTOP)
    handler.page.goto(f"/handle?case={case['id']}")
    take(handler.page, "申请延期", 理由="清运车明天到")
    for person, step, said in ((dispatcher, "初审延期", "情况属实"), (director, "审批延期", "")):
        person.page.goto(f"/street?case={case['id']}")
        person.page.get_by_role("button", name=step, exact=True).click()
        dialog = person.page.get_by_role("dialog", name=step)
        expect(dialog).to_contain_text("清运车明天到")
        dialog.get_by_label("意见").fill(said)
        screenshot(person.page, f"extension-{person.page.url.split('/')[3][:3]}-{step}")
        dialog.get_by_role("button", name="同意", exact=True).click()
        expect(dialog).to_have_count(0)
    requests = handler.page.locator(".requests")
    expect(requests).to_contain_text("情况属实")
    expect(requests).to_contain_text("已同意")
    assert director.errors == dispatcher.errors == handler.errors == []
