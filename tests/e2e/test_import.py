"""A community worker brings a file into the register in the browser, and takes it back."""

from playwright.sync_api import expect

from tests.e2e.conftest import DESKTOP, SignIn

FILE = "小区,楼栋,房号,人数\n晴川里,1幢,101,3\n晴川里,1幢,102,2\n晴川里,1幢,103,很多\n"


def test_a_list_is_uploaded_mapped_checked_imported_and_undone(sign_in: SignIn) -> None:
    person = sign_in("community01", DESKTOP)
    page = person.page
    page.goto("/import")
    page.get_by_label("登记内容").select_option("household")
    page.locator("input[type=file]").set_input_files(
        {"name": "晴川里.csv", "mimeType": "text/csv", "buffer": FILE.encode("gb18030")}
    )
    page.get_by_role("button", name="上传", exact=True).click()
    expect(page.get_by_label("房号", exact=True)).to_have_value("房号", timeout=20_000)
    page.get_by_label("网格或社区，全部相同").select_option(index=2)
    page.get_by_label("补建地址中尚未登记的小区").check()
    page.get_by_role("button", name="预检").click()
    expect(page.get_by_text("预检完成，尚未写入")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("请填写整数。").first).to_be_visible()
    page.get_by_role("button", name="开始导入").click()
    expect(page.get_by_text("已完成")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="撤销整个导入").click()
    page.get_by_role("dialog").get_by_role("button", name="撤销整个导入").click()
    expect(page.get_by_text("已撤销").first).to_be_visible(timeout=20_000)
    assert person.errors == []
