"""A matter end to end: six people, each with a browser of her own, from the counter to the end of its procedure."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESKTOP, TABLET, SignIn, screenshot
from tests.e2e.test_chain import take_step
from tests.e2e.test_pages import serious
from tests.factories import photo


def sign(page: Page, words: str) -> None:
    """Approve the open matter with an opinion and a signature."""
    page.get_by_role("button", name="通过", exact=True).click()
    dialog = page.get_by_role("dialog").last
    dialog.get_by_role("textbox", name="意见").fill(words)
    dialog.get_by_text("我签名").click()
    dialog.get_by_role("button", name="通过", exact=True).click()
    expect(dialog).to_be_hidden()


def agree(page: Page, action: str) -> None:
    """Say yes to the request that waits."""
    page.get_by_role("button", name=action, exact=True).click()
    dialog = page.get_by_role("dialog").last
    dialog.get_by_role("button", name="同意", exact=True).last.click()
    expect(dialog).to_be_hidden()


def bring_a_paper(page: Page) -> None:
    """Add a photographed paper to the open matter."""
    page.get_by_role("button", name=re.compile("添加照片")).click()
    dialog = page.get_by_role("dialog").last
    dialog.locator("input[type=file]").first.set_input_files(
        {"name": "paper.jpg", "mimeType": "image/jpeg", "buffer": photo().getvalue()}
    )
    dialog.get_by_role("button", name=re.compile("添加照片")).last.click()
    expect(dialog).to_be_hidden()


def check_archive(page: Page, case: str) -> None:
    """The signed archive is valid as it is, and not after a change of one byte."""
    pdf = page.request.get(f"/api/incidents/{case}/archive").body()
    page.goto("/check")
    for changed, verdict in ((False, "有效：由"), (True, "无效")):
        data = pdf[:2000] + bytes([pdf[2000] ^ 1]) + pdf[2001:] if changed else pdf
        page.locator("input[type=file]").set_input_files(
            {"name": "档案.pdf", "mimeType": "application/pdf", "buffer": data}
        )
        expect(page.locator("p.verdict")).to_contain_text(verdict)


def register(page: Page) -> str:
    """Register a matter at the counter, hand over its receipt and open it; its id."""
    page.goto("/counter?show=register")
    page.get_by_text("临时救助", exact=False).first.click()
    page.get_by_label("情况说明").fill("厨房失火,一家三口暂无住处")
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_text(re.compile("已登记,编号|已登记，编号"))).to_be_visible()
    expect(page.get_by_text("密码只显示这一次", exact=False)).to_be_visible()  # the applicant takes her receipt along
    screenshot(page, "counter-receipt")
    page.get_by_role("button", name="打开这件事项").click()
    return page.url.partition("case=")[2]


def test_a_matter_is_registered_supplemented_extended_returned_and_finished_by_six_people(sign_in: SignIn) -> None:
    clerk = sign_in("community01", DESKTOP)
    page = clerk.page
    case = register(page)
    here, names = f"/counter?case={case}", ("acceptor01", "director", "leader", "civil01")
    people = {name: sign_in(name, TABLET if name == "director" else DESKTOP) for name in names}
    acceptor, director, leader, bureau = (person.page for person in people.values())

    acceptor.goto(here)
    take_step(acceptor, "补办", 理由="请补交困难证明")
    expect(page.get_by_text("待补件").first).to_be_visible(timeout=5000)  # no reload
    bring_a_paper(page)
    take_step(page, "补件收讫", 意见="材料已齐")
    take_step(acceptor, "转入绿色通道", 理由="无处居住")
    take_step(acceptor, "通过")
    take_step(page, "申请延办", 理由="入户核实")
    for person, word in ((director, "初审延期"), (leader, "审批延期")):
        person.goto(here)
        agree(person, word)
    take_step(page, "通过", 意见="情况属实")
    take_step(director, "退回上一步", 理由="请写明人数")
    take_step(page, "通过", 意见="三人")
    sign(director, "同意")
    bureau.goto(here)
    screenshot(bureau, "counter-bureau")
    sign(bureau, "核准")
    take_step(acceptor, "办结")
    expect(page.get_by_text("已结案").first).to_be_visible(timeout=5000)
    expect(page.get_by_text(re.compile("街道审核:林振华|街道审核：林振华"))).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("签名档案"))).to_be_visible(timeout=30_000)
    screenshot(page, "counter-closed")
    check_archive(page, case)
    assert [error for person in (clerk, *people.values()) for error in person.errors] == []


def test_an_administrator_changes_a_procedure_sees_a_dead_end_and_puts_it_in_force(sign_in: SignIn) -> None:
    admin = sign_in("admin", DESKTOP)
    page = admin.page
    page.goto("/admin-procedures")
    page.get_by_role("button", name=re.compile("社区活动室借用")).click()
    stage = page.get_by_role("group", name="街道答复")
    stage.get_by_label("办结").uncheck()
    expect(page.get_by_text("从这里走不到办结。")).to_be_visible()
    stage.get_by_label("办结").check()
    stage.get_by_label("时限").fill("2d")
    expect(page.get_by_text("没有发现问题")).to_be_visible()
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("草稿已保存")).to_be_visible()
    page.get_by_role("button", name="用过去一年的事项试一试").click()
    expect(page.get_by_text(re.compile(r"试了 \d+ 件"))).to_be_visible()
    page.get_by_role("button", name="生效", exact=True).click()
    expect(page.get_by_text("第 2 版在用")).to_be_visible()
    screenshot(page, "procedures-in-force")
    assert admin.errors == []


def test_a_class_gets_a_procedure_of_its_own_in_the_browser(sign_in: SignIn) -> None:
    admin = sign_in("admin", DESKTOP)
    page = admin.page
    page.goto("/admin-procedures")
    page.get_by_role("button", name="新建流程").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("查找类别").fill("井盖")
    dialog.get_by_label("为哪一类").select_option(index=0)
    dialog.get_by_label("用在哪里").select_option(label="望江街道")
    screenshot(page, "procedures-new")
    assert serious(page) == []
    dialog.get_by_role("button", name="新建流程").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("heading", name=re.compile("井盖"))).to_be_visible()
    page.get_by_role("button", name="增加一步").click()
    expect(page.get_by_role("button", name="保存草稿")).to_be_enabled()
    assert admin.errors == []
