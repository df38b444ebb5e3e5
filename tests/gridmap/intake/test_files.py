"""Files of offices, as they come: every format becomes the same rows, and what is damaged or harmful is refused with a reason."""

import gzip
import os
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmap.intake import maps, packed, sheet
from gridmap.intake.encodings import encoding_of, of_bytes
from gridmap.intake.files import refusal
from gridmap.intake.sheet import FileError
from tests.gridmap.intake.files import HOUSES, book, cells, layer, opened, put, shapefile, zipped

ROWS = [("锦绣花园", "312"), ("滨江苑", "88")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "\uff0c"])
def test_a_table_is_read_in_every_encoding_and_with_every_delimiter(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    path = put(tmp_path, "a", HOUSES.replace(",", delimiter), encoding)
    found = opened(path)
    assert (found.columns, cells(found), found.encoding) == (("名称", "户数"), ROWS, encoding.replace("16-sig", "16"))


CHINESE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=60)


@given(CHINESE)
def test_chinese_in_gb18030_is_not_taken_for_something_else(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = put(tmp_path_factory.mktemp("text"), "a", f"名称,备注\n{text},{text}\n", "gb18030")
    assert encoding_of(path) == "gb18030"


@pytest.mark.parametrize(
    ("said", "found"),
    [("", "gb18030"), ("936", "gb18030"), ("UTF-8", "gb18030"), ("nonsense", "gb18030"), ("Big5", "big5")],
)
def test_bytes_win_over_what_a_file_says_of_itself_and_a_cut_character_does_not_matter(said: str, found: str) -> None:
    assert of_bytes("錦繡花園一號樓".encode(found)[:-1] + b"   ", said) == found
    assert of_bytes("锦绣花园一号楼".encode()[:-1], said) == "utf-8"


@pytest.mark.real_data
@pytest.mark.skipif("GRIDMAP_REAL_DATA" not in os.environ, reason="GRIDMAP_REAL_DATA names no folder")
def test_a_real_table_in_gb18030_is_read_whole(tmp_path: Path) -> None:
    real = Path(os.environ["GRIDMAP_REAL_DATA"]) / "incidents" / "pingshan_minsheng_2018_to_sep_gb18030.csv.gz"
    found = opened(put(tmp_path, "a", real.read_bytes()))
    assert (found.encoding, len(found.columns)) == ("gb18030", 26)
    rows = cells(found)
    assert len(rows) == 3981
    assert {row[found.columns.index("DISTRICT_NAME")] for row in rows} == {"坪山区", "-"}


# --- workbooks


def test_a_workbook_may_have_a_title_above_its_columns_hidden_sheets_and_empty_lines(tmp_path: Path) -> None:
    lines: list[list[Any]] = [["某街道房屋登记表"], [], ["名称", "户数"], ["锦绣花园", 312], [], ["滨江苑", 88]]
    found = opened(book(tmp_path / "a.xlsx", lines, hidden=True))
    assert found.columns == ("名称", "户数")
    assert cells(found) == [("锦绣花园", "312"), (), ("滨江苑", "88")]
    assert [row.number for row in found.rows(after=1)] == [2, 3]


def test_a_formula_counts_as_its_stored_result_and_is_never_worked_out(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["名称", "户数"], ["锦绣花园", ("=1+1", 7)], [("=HYPERLINK(1)", "滨江苑"), 88]])
    assert cells(opened(path)) == [("锦绣花园", "7"), ("滨江苑", "88")]


def test_a_code_whose_last_digits_the_spreadsheet_has_lost_does_not_look_like_a_code(tmp_path: Path) -> None:
    found = opened(
        book(tmp_path / "a.xlsx", [["名称", "部件编码"], ["井盖", 5105020103000001], ["井盖", "5105020103000001"]])
    )
    assert [row[1] for row in cells(found)] == ["5.10502010300000E+15", "5105020103000001"]


def test_a_column_without_a_name_and_one_that_comes_twice_stay_apart(tmp_path: Path) -> None:
    assert opened(put(tmp_path, "a", "名称,,名称\n1,2,3\n")).columns == ("名称", "#2", "名称 #3")


# --- map data


@pytest.mark.parametrize("form", ["gpkg", "geojson", "kml"])
def test_map_data_gives_rows_with_shapes(tmp_path: Path, form: str) -> None:
    made = layer(
        tmp_path / f"a.{form}", {"名称": ["锦绣花园", "滨江苑"], "户数": [312, 88]}, [(105.0, 28.0), (105.1, 28.0)]
    )
    found = opened(made.rename(tmp_path / "without-a-name"))
    at = [found.columns.index(name) for name in ("名称", "户数")]
    assert [tuple(row.cells[one] for one in at) for row in found.rows()] == ROWS
    assert [shapely.get_x(shapely.from_wkb(row.shape)) for row in found.rows() if row.shape] == [105.0, 105.1]


@pytest.mark.parametrize("cpg", [True, False])
@pytest.mark.parametrize("encoding", ["GB18030", "UTF-8"])
def test_a_shapefile_is_read_with_and_without_the_file_that_names_its_encoding(
    tmp_path: Path, encoding: str, cpg: bool
) -> None:
    found = opened(shapefile(tmp_path, encoding, cpg=cpg))
    assert (found.columns, cells(found)) == (("名称", "户数"), [("锦绣花园", "312")])
    assert found.encoding == encoding.lower()


def test_a_text_that_a_shapefile_has_cut_in_the_middle_of_a_character_keeps_the_rest(tmp_path: Path) -> None:
    path = shapefile(tmp_path, "UTF-8", cpg=False, name="锦" * 84 + "ab")  # all 254 bytes that there is room for
    with zipfile.ZipFile(path) as made:
        parts = {name: made.read(name).replace(b"ab", "锦".encode()[:2]) for name in made.namelist()}
    assert cells(opened(zipped(tmp_path / "cut.zip", parts)))[0][0] == "锦" * 84


def test_of_a_zip_the_map_data_is_taken(tmp_path: Path) -> None:
    made = layer(tmp_path / "a.gpkg", {"名称": ["锦绣花园"]}, [(105.0, 28.0)])
    path = zipped(tmp_path / "a.zip", {"说明/readme.txt": b"x", "数据/a.gpkg": made.read_bytes()})
    assert cells(opened(path)) == [("锦绣花园",)]


def test_the_folders_of_a_map_are_read_together_and_what_is_left_of_other_files_is_named(tmp_path: Path) -> None:
    folder = "<Folder><name>%s</name><Placemark><name>%s</name><Point><coordinates>105,28</coordinates></Point></Placemark></Folder>"
    inside = folder % ("东区", "锦绣花园") + folder % ("西区", "滨江苑")
    kml = f'<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inside}</Document></kml>'
    found = opened(put(tmp_path, "a.kml", kml))
    names = found.columns.index("Name" if "Name" in found.columns else "name")
    assert [(row.number, row.cells[names]) for row in found.rows()] == [(1, "锦绣花园"), (2, "滨江苑")]
    assert (found.left, [row.number for row in found.rows(after=1)]) == ((), [2])
    two = book(tmp_path / "b.xlsx", [["名称"], ["x"]], further="附表")
    assert opened(two).left == ("附表",)
    assert opened(zipped(tmp_path / "c.zip", {"b.xlsx": two.read_bytes(), "d.csv": HOUSES.encode()})).left == (
        "附表",
        "d.csv",
    )
    layers = layer(tmp_path / "e.gpkg", {"名称": ["x"]}, [(105.0, 28.0)], layer="一")
    layer(layers, {"名称": ["y"]}, [(105.0, 28.0)], layer="二", append=False)
    assert opened(layers).left == ("二",)


# --- what is refused


def code_of(path: Path) -> str:
    with pytest.raises(FileError) as refused:
        cells(opened(path))
    return refused.value.code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"  \n", "empty_file"),
        (b"%PDF-1.7", "unknown_format"),
        (b"\x89PNG\r\n", "unknown_format"),
        (b"<html><table>", "unknown_format"),
        (b"PK\x03\x04broken", "damaged_file"),
        (b"\x1f\x8bbroken", "damaged_file"),
        (b"\xd0\xcf\x11\xe0broken", "damaged_file"),
        (b"SQLite format 3\x00broken", "damaged_file"),
        (b"\x00\x00\x27\x0abroken", "shapefile_parts"),
        (b'{"type": "FeatureCollection", "features": [', "damaged_file"),
        (b"\xff\xff\x81\x20,\n", "unknown_encoding"),
        (b",,\n,,\n", "no_columns"),
        (",".join(map(str, range(201))).encode(), "too_many_columns"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(tmp_path: Path, content: bytes, code: str) -> None:
    assert code_of(put(tmp_path, "a", content)) == code


@pytest.mark.parametrize(
    "content",
    [
        b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><kml>&e;</kml>",
        b"<?xml version='1.0'?>" + b" " * 2_000_000 + b"<OGRVRTDataSource><OGRVRTLayer name='x'/></OGRVRTDataSource>",
        b"<kml/><OGRVRTDataSource><OGRVRTLayer name='passwd'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
    ],
)
def test_map_data_that_leads_to_other_files_is_not_opened(tmp_path: Path, content: bytes) -> None:
    assert code_of(put(tmp_path, "a", content)) == "unknown_format"


def test_a_bomb_ends_where_too_much_has_come_out_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "MOST_BYTES", 3_000_000)
    zeros = b"0" * 4_000_000
    assert code_of(put(tmp_path, "a.gz", gzip.compress(zeros))) == "too_large_unpacked"
    assert code_of(zipped(tmp_path / "a.zip", {"a.csv": zeros})) == "too_large_unpacked"
    assert (
        code_of(zipped(tmp_path / "b.zip", {"a.csv": zeros[:2_000_000], "b.csv": zeros[:2_000_000]}))
        == "too_large_unpacked"
    )
    assert code_of(zipped(tmp_path / "c.xlsx", {"xl/workbook.xml": b"", "xl/media": zeros})) == "too_large_unpacked"
    assert (
        code_of(zipped(tmp_path / "d.zip", {f"{n}.csv": b"" for n in range(packed.MOST_FILES + 1)}))
        == "too_large_unpacked"
    )


FAR = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    '<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>'
    '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData></worksheet>'
)


def test_a_small_workbook_that_asks_for_all_memory_is_refused_and_the_process_lives(tmp_path: Path) -> None:
    made = book(tmp_path / "a.xlsx", [["名称"]])
    with zipfile.ZipFile(made) as parts:
        inside = {name: parts.read(name) for name in parts.namelist()}
    path = zipped(tmp_path / "far.xlsx", inside | {"xl/worksheets/sheet1.xml": FAR.encode()})
    assert path.stat().st_size < 10_000
    assert code_of(path) == "too_wide"


class Counted(BaseHTTPRequestHandler):
    """Counts who asks it."""

    hits: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.hits.append(self.path)
        self.send_error(404)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def elsewhere() -> Iterator[str]:
    Counted.hits.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Counted)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/crs"
    server.shutdown()
    thread.join()
    server.server_close()


POINT = '{"type": "Point", "coordinates": [105, 28]%s}'
CRS = [
    ', "crs": {"type": "link", "properties": {"href": "URL", "type": "ogcwkt"}}',
    ', "crs": {"type": "url", "properties": {"url": "URL"}}',
    ', "\\u0063rs": {"properties": {"href": "URL"}, "type": "l\\u0069nk"}',
    ", 'CRS': {'type': 'LINK', 'properties': {'href': 'URL'}}",
]


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("crs", CRS)
def test_coordinates_that_are_said_to_be_explained_elsewhere_make_nobody_ask_there(
    tmp_path: Path, elsewhere: str, crs: str, inside: bool
) -> None:
    crs = crs.replace("URL", elsewhere)
    feature = '{"type": "Feature", "properties": {"名称": "x"}, "geometry": %s}' % (POINT % (crs if inside else ""))
    data = '{"type": "FeatureCollection"%s, "features": [%s]}' % ("" if inside else crs, feature)  # noqa: UP031
    assert code_of(put(tmp_path, "a", data)) == ("unknown_format" if '"' in crs else "damaged_file")
    named = put(tmp_path, "b.geojson", data)
    with suppress(FileError):
        maps.read(named, "geojson")
    with suppress(Exception):
        pyogrio.read_info(named)  # what was overlooked finds no way out
    assert Counted.hits == []


def test_lines_of_features_are_read_one_by_one(tmp_path: Path) -> None:
    line = '{"type": "Feature", "properties": {"名称": "锦绣花园"}, "geometry": %s}' % (POINT % "")
    assert cells(opened(put(tmp_path, "a", f"{line}\n{line}\n"))) == [("锦绣花园",)] * 2


def test_no_name_in_a_zip_leads_out_of_its_folder(tmp_path: Path) -> None:
    names = ["../../out.csv", "/etc/out.csv", "..\\..\\out.csv", "..."]
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as out:
        for name in names:
            out.writestr(zipfile.ZipInfo(name), HOUSES)
    before = {one.name for one in tmp_path.iterdir()}
    assert cells(opened(path)) == ROWS
    assert {one.name for one in tmp_path.iterdir()} == before | {"a.zip.scratch"}


def test_a_table_without_end_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MOST_ROWS", 1)
    assert code_of(put(tmp_path, "a", HOUSES)) == "too_many_rows"


@pytest.mark.parametrize(
    ("column", "reason"),
    [("民族", "ethnicity"), ("宗教信仰", "belief"), ("是否党员", "politics"), ("重点人员类别", "profiling"), ("上访次数", "petition"),
     ("身份证号", "identity"), ("religion", "belief")],
)  # fmt: skip
def test_a_sheet_with_a_column_of_what_is_not_recorded_here_is_refused_as_a_whole(
    tmp_path: Path, column: str, reason: str
) -> None:
    found = refusal(opened(put(tmp_path, "a", f"住址,人数,{column}\n1,2,3\n")))
    assert found is not None
    assert (found[0], found[1].code) == (column, reason)
    assert refusal(opened(put(tmp_path, "b", "住址,人数,民族路门牌\n1,2,3\n".replace("民族路", "望江路")))) is None


@pytest.mark.parametrize(
    "name", ["民 族", "民-族", "民\u200b族", "民\n族", "Ｍｚ", "身份證號", "证件号码", "ID No.", "ZZMM"]
)
def test_no_spelling_of_such_a_column_passes(tmp_path: Path, name: str) -> None:
    found = opened(book(tmp_path / "a.xlsx", [["住址", "人数", name], ["x", 1, "y"]]))
    assert refusal(found) is not None


def test_names_above_the_header_count_and_titles_do_not(tmp_path: Path) -> None:
    title: list[list[Any]] = [["民族路社区住户登记表"], ["填表单位：民族路社区", "日期"]]
    plain = book(tmp_path / "a.xlsx", [*title, ["住址", "人数", "代码", "备注", "层数"], ["x", 1, 2, 3, 4]])
    assert refusal(opened(plain)) is None
    two_lines = opened(book(tmp_path / "b.xlsx", [["", "", "民族", "宗教", ""], *[["a", "b", "c", "d", "e"]] * 3]))
    assert refusal(two_lines) is not None
