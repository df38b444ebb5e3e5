"""The register in the browser: a household is found, verified and corrected on a tablet in three taps; others propose."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESKTOP, TABLET, SignIn, screenshot


def delivered(page: Page) -> None:
    expect(page.get_by_role("status").filter(has_text="已全部送达")).to_be_visible()


def test_a_household_is_found_verified_and_corrected_in_three_taps_each(sign_in: SignIn) -> None:
    worker = sign_in("worker01", TABLET)
    page = worker.page
    page.get_by_role("button", name="登记").click()  # what is due stands first
    due = page.locator(".records .row").first
    address = due.locator("strong").inner_text()
    due.click()
    page.get_by_role("button", name="核对无误").click()
    delivered(page)
    page.get_by_role("button", name="登记").click()
    expect(page.locator(".records .row").filter(has_text=address)).to_have_count(0)

    page.get_by_role("searchbox").fill(address)
    page.locator(".records .row").filter(has_text=address).click()
    number = page.get_by_label("人数", exact=True)
    before = int(number.input_value())
    page.get_by_role("button", name="人数加一").click()
    page.get_by_role("button", name="保存更正").click()
    delivered(page)
    page.get_by_role("button", name="登记").click()
    page.get_by_role("searchbox").fill(address)
    page.locator(".records .row").filter(has_text=address).click()
    expect(number).to_have_value(str(before + 1))
    page.get_by_role("button", name="历次变动").click()
    expect(page.locator("ol")).to_contain_text(re.compile(rf"人数: {before} → {before + 1}"))
    screenshot(page, "register-household")
    assert worker.errors == []


def test_what_is_verified_without_a_connection_is_kept_and_sent_later(sign_in: SignIn) -> None:
    page = sign_in("worker01", TABLET).page
    page.get_by_role("button", name="登记").click()
    page.locator(".records .row").first.click()
    expect(page.get_by_role("button", name="核对无误")).to_be_visible()
    page.context.set_offline(True)
    page.get_by_role("button", name="核对无误").click()
    expect(page.get_by_role("status").filter(has_text="1 条待发")).to_be_visible()
    page.context.set_offline(False)
    delivered(page)


def test_who_may_not_edit_proposes_and_the_community_accepts(sign_in: SignIn) -> None:
    director = sign_in("director", DESKTOP).page
    director.goto("/register?area=990101001001")
    director.locator(".records .row").first.click()
    director.get_by_role("button", name="层数加一").click()
    title = director.locator(".panel h2").inner_text()
    director.get_by_role("button", name="提出更正建议").click()
    expect(director.get_by_text("已提出")).to_be_visible()

    community = sign_in("community01", DESKTOP).page
    community.goto("/register")
    waiting = community.locator("details li").filter(has_text=title)
    screenshot(community, "register-proposal")
    waiting.get_by_role("button", name="采纳", exact=True).click()
    expect(waiting).to_have_count(0)


def test_a_known_organisation_is_shown_instead_of_being_asked_again(sign_in: SignIn) -> None:
    page = sign_in("community01", DESKTOP).page
    page.goto("/register")
    page.get_by_text("单位组织").first.click()
    name = page.locator(".records .row strong").first.inner_text()
    # One without a credit code is known by its name in the community; a new name is recorded.
    for wanted, said in ((f"{name}二店", "已登记"), (f"{name}二店", "已有同一记录")):
        page.get_by_role("button", name="新增登记").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("名称", exact=True).fill(wanted)
        dialog.get_by_label("类型").select_option(label="商铺")
        dialog.get_by_label("所在网格").select_option(index=1)
        dialog.get_by_role("button", name="新增登记").click()
        expect(page.get_by_text(said).first).to_be_visible()
        expect(page.locator(".panel h2")).to_have_text(wanted)
        expect(dialog).to_be_hidden()
        page.locator(".panel").get_by_role("button", name="关闭").click()
