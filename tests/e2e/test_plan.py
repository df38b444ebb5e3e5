"""A community is cut in the browser: proposed, a block moved, a cell locked, compared, published and in force; and communities are
merged and divided on paper alone.
"""

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESKTOP, SignIn

SLOW = 60_000  # milliseconds that a busy machine may take, compiling included


def move_a_block(page: Page) -> None:
    """Move one block at the edge of the first cell to a neighbour, through the buttons that a keyboard reaches too."""
    page.get_by_role("table").get_by_role("button", name="第1网格", exact=True).click()
    page.locator("summary").click()
    undo = page.get_by_role("button", name="撤销")
    for block in page.locator("details").get_by_role("button").all():
        block.click()
        target = page.get_by_role("button", name=re.compile("^移到第"))
        if target.count():
            target.first.click()
        if undo.is_enabled():
            return
    raise AssertionError("no block could be moved")


def test_a_community_is_cut_changed_by_hand_compared_and_published(sign_in: SignIn) -> None:
    page = sign_in("admin", DESKTOP).page
    page.goto("/plan?area=990101001006")
    page.get_by_role("button", name="提出方案").click()
    form = page.get_by_role("dialog")
    form.get_by_label("名称").fill("走查方案")
    form.get_by_label("一次提出三个大小不同的方案").uncheck()
    form.get_by_role("button", name="开始划分").click()
    plan = page.get_by_role("button", name="走查方案")
    expect(plan).to_be_enabled(timeout=SLOW)
    plan.click()
    editor = page.get_by_role("region", name="走查方案")
    expect(editor).to_be_visible(timeout=SLOW)
    move_a_block(page)
    page.get_by_role("button", name="锁定第2网格").click()
    expect(page.get_by_role("button", name="解锁第2网格")).to_be_visible()
    page.get_by_role("button", name="撤销").click()
    page.get_by_role("button", name="重做").click()
    expect(page.get_by_text("已保存")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="与现有网格比较").click()
    expect(form.get_by_text(re.compile("个网格不变"))).to_be_visible(timeout=SLOW)
    form.get_by_role("button", name="关闭").click()
    page.get_by_role("button", name="发布", exact=True).click()
    form.get_by_role("button", name="发布", exact=True).click()
    expect(page.locator("thead .state.in_force")).to_be_visible(timeout=SLOW)


def test_a_planner_sees_what_communities_could_become_and_gets_a_draft_for_the_district(sign_in: SignIn) -> None:
    page = sign_in("planner", DESKTOP).page
    page.goto("/plan")
    page.get_by_role("link", name="社区规模").click()
    expect(page.get_by_text("不需要调整")).to_be_visible(timeout=SLOW)  # all of the demo town is within the statute
    page.get_by_label("规模依据").select_option("yizheng-2013")
    expect(page.get_by_text("合并后重划", exact=True)).to_be_visible(timeout=SLOW)
    page.get_by_label("最多").fill("2400")
    page.get_by_label("最多").press("Enter")
    expect(page.get_by_text("自定范围")).to_be_attached()
    page.get_by_label("规模依据").select_option("yizheng-2013")
    page.get_by_text("送审稿", exact=True).click()
    paper = page.get_by_role("article")
    expect(paper.get_by_role("heading", name="关于调整望江街道社区规模的方案")).to_be_visible()
    expect(paper.get_by_text("由区里定", exact=True).first).to_be_visible()
    expect(paper.get_by_text("区人民政府意见")).to_be_visible()
    expect(page.get_by_role("button", name="打印")).to_be_enabled(timeout=SLOW)
    assert "paper=1" in page.url


SPOT = """(path) => {
  const box = path.getBoundingClientRect();
  for (let i = 1; i < 12; i++) for (let j = 1; j < 12; j++) {
    const [x, y] = [box.left + box.width * i / 12, box.top + box.height * j / 12];
    if (document.elementFromPoint(x, y) === path) return [x, y];
  }
  return null;
}"""


def drag_a_block(page: Page) -> None:
    """Hold a block at an edge and let it go in the cell beside; as often as a cell would fall apart, the next."""
    plan_id = page.request.get("/api/cells/plans?area=990101001005").json()[0]["id"]
    cells = page.request.get(f"/api/cells/plans/{plan_id}").json()["cells"]
    borders = page.request.get(f"/api/cells/plans/{plan_id}/ground").json()["borders"]
    undo = page.get_by_role("button", name="撤销")
    drawing = page.locator(".editor svg.cells")
    drawing.scroll_into_view_if_needed()
    for one, two, _, _ in borders:
        if cells[one] == cells[two]:
            continue
        spots = [drawing.locator(f'path[data-unit="{unit}"]').evaluate(SPOT) for unit in (one, two)]
        if None in spots:
            continue
        page.mouse.click(*spots[0])
        page.mouse.move(*spots[0])
        page.mouse.down()
        page.mouse.move(*spots[1], steps=5)
        page.mouse.up()
        if undo.is_enabled():
            return
    raise AssertionError("no block could be dragged")


def test_a_school_is_drawn_before_the_rest_is_cut_and_a_block_is_dragged(sign_in: SignIn) -> None:
    page = sign_in("planner", DESKTOP).page
    page.goto("/plan?area=990101001005")
    page.get_by_role("button", name="提出方案").click()
    form = page.get_by_role("dialog")
    form.get_by_role("button", name="在地图上画或导入").click()
    form.get_by_role("button", name="画一个网格").click(timeout=SLOW)
    expect(form.get_by_role("button", name="停止绘制")).to_be_visible()
    page.wait_for_timeout(2000)  # the map has come to rest
    box = form.locator(".map canvas").first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for dx, dy in ((-60, -40), (40, -40), (40, 40), (-60, 40), (-60, -40)):
        page.mouse.move(x + dx, y + dy)
        page.wait_for_timeout(200)  # two clicks in one moment are one
        page.mouse.click(x + dx, y + dy)
        page.wait_for_timeout(300)
    expect(form.locator("ol li")).to_have_count(1)
    form.get_by_label("网格名称").fill("实验小学")
    form.get_by_label("网格名称").press("Tab")
    form.get_by_label("专属（学校、市场、工地）").check()
    form.get_by_role("button", name="完成（1 个）").click()
    form.get_by_label("名称").fill("先定学校")
    form.get_by_label("一次提出三个大小不同的方案").uncheck()
    form.get_by_role("button", name="开始划分").click()
    plan = page.get_by_role("button", name="先定学校")
    expect(plan).to_be_enabled(timeout=SLOW)
    plan.click()
    expect(page.locator(".editor table")).to_contain_text("实验小学", timeout=SLOW)
    drag_a_block(page)
    expect(page.get_by_text("已保存")).to_be_visible(timeout=SLOW)
