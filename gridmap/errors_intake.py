"""What one meets when a file is to go into the register: part of the table in `gridmap/errors.py`."""

from http import HTTPStatus

_WRONG = HTTPStatus.UNPROCESSABLE_ENTITY
_NOT_NOW = HTTPStatus.CONFLICT

INTAKE: dict[str, tuple[HTTPStatus, str, str]] = {
    # the file
    "empty_file": (_WRONG, "文件是空的,请检查后重新上传。", "The file is empty: check it and upload it again."),
    "unknown_format": (
        _WRONG,
        "无法识别文件格式。可用:CSV、XLSX、XLS、GeoPackage、Shapefile(打包为 zip)、GeoJSON、KML。",
        "The format is not known. Taken are CSV, XLSX, XLS, GeoPackage, Shapefile (as a zip), GeoJSON and KML.",
    ),
    "unknown_encoding": (
        _WRONG,
        "文字编码既不是 UTF-8 也不是 GB18030,请另存为其中一种。",
        "The text is neither UTF-8 nor GB18030: save it in one of them.",
    ),
    "damaged_file": (_WRONG, "文件已损坏或不完整,请重新导出。", "The file is damaged or incomplete: export it again."),
    "too_wide": (
        _WRONG,
        "工作表的范围过大,表格之外很远处可能有多余内容。请只保留表格,另存后重新上传。",
        "The sheet reaches too far: something may stand a long way from the table. Keep the table alone and upload it again.",
    ),
    "locked_file": (
        _WRONG,
        "文件有密码,请去掉密码后再上传。",
        "The file has a password: take it off and upload it again.",
    ),
    "too_large_unpacked": (
        _WRONG,
        "解压后超过 {most} MB 或文件过多,请拆分。",
        "Unpacked it is over {most} MB, or too many files: split it.",
    ),
    "shapefile_parts": (
        _WRONG,
        "Shapefile 缺少部分文件,请把 .shp、.dbf、.shx、.prj 一起打包为 zip。",
        "Parts of the Shapefile are missing: put .shp, .dbf, .shx and .prj into one zip.",
    ),
    "no_columns": (
        _WRONG,
        "没有找到表头,第一行应为各列名称。",
        "There is no header: its columns need names in the first line.",
    ),
    "too_many_columns": (
        _WRONG,
        "超过 {most} 列,请删去不需要的列。",
        "There are more than {most} columns: remove what is not needed.",
    ),
    "too_many_rows": (_WRONG, "超过 {most} 行,请拆分。", "There are more than {most} rows: split the file."),
    "old_datum": (
        _WRONG,
        "坐标系不是 WGS 84 或 CGCS2000(如北京 54、西安 80 或城市独立坐标系),其转换参数不公开。请由测绘部门转换为 CGCS2000 后再导入。",
        "The coordinates rest on neither WGS 84 nor CGCS2000, and no conversion is public: have the survey office convert them.",
    ),
    "refused_column": (
        _WRONG,
        "表中有“{column}”列,整表不予接收:{why}请删除该列后再上传。",
        "The sheet has the column “{column}” and is not taken as a whole. {why} Remove the column and upload it again.",
    ),
    # the mapping
    "unknown_target": (_WRONG, "没有这个字段。", "There is no such field."),
    "unknown_column": (_WRONG, "文件中没有这一列。", "The file has no such column."),
    "person_column": (
        _WRONG,
        "这一列是居民或个人的信息(姓名、电话等),登记簿不收,请改选其他列。",
        "This column is of persons (names, numbers): the register takes none. Choose another one.",
    ),
    "mapped_twice": (
        _WRONG,
        "同一字段只能对应一列或一个固定值。",
        "A field is one column or one fixed value, not both.",
    ),
    "one_coordinate": (_WRONG, "经纬度(或东、北坐标)须同时对应。", "Both coordinates are needed."),
    "not_mapped": (_WRONG, "必须对应,否则无法识别记录。", "This is needed, or no record can be told from another."),
    "unknown_reference": (_WRONG, "请选择坐标系。", "Choose what the coordinates are."),
    # the run
    "import_state": (
        _NOT_NOW,
        "导入任务的状态已变化,请刷新后再操作。",
        "The import has moved on meanwhile: look at it as it is now.",
    ),
    "import_file_gone": (_NOT_NOW, "文件已按期删除,请重新上传。", "The file was deleted in due time: upload it again."),
    "import_broke_off": (
        _WRONG,
        "处理这个文件时中断了三次,已不再继续。文件可能已损坏,请重新导出后再上传。",
        "Work on this file broke off three times and was given up. It may be damaged: export it and upload it again.",
    ),
    "import_called_off": (_NOT_NOW, "上传后即被停止。", "It was stopped before anything was read."),
    "import_right_gone": (_NOT_NOW, "发起人已无权在此导入。", "Whoever asked for this may not import here any more."),
    # the rows
    "bad_coordinates": (
        _WRONG,
        "坐标无法读取,或不在中国范围内。",
        "The coordinates cannot be read or do not lie in China.",
    ),
    "digits_lost": (
        _WRONG,
        "电子表格丢失了长编码的末几位,请将该列设为文本后重新填写。",
        "The spreadsheet has lost the last digits of a long number: make the column text and enter them again.",
    ),
    "turned_into_date": (
        _WRONG,
        "电子表格把门牌(如 3-1)变成了日期,请将该列设为文本后重新填写。",
        "The spreadsheet has made a date of a number like 3-1: make the column text and enter it again.",
    ),
    "room_without_building": (
        _WRONG,
        "只有房号,没有楼栋。请对应楼栋列,合并的单元格请拆开填满。",
        "There is a room and no building: say which column has the building, and fill merged cells in every line.",
    ),
    "unreadable_address": (
        _WRONG,
        "地址无法拆分为小区、楼栋、单元、房号。",
        "The address names no compound, building, stairwell and room.",
    ),
    "unknown_address": (
        _WRONG,
        "登记簿中没有这个地址;可先导入房屋,或选择“补建缺少的地点”。",
        "This address is not recorded: import the places first, or let missing places be made.",
    ),
    "row_nowhere": (
        _WRONG,
        "没有坐标、地址或网格,无法确定位置。",
        "No coordinates, address or cell say where this lies.",
    ),
    "outside_area": (_WRONG, "位置不在本次导入的范围内。", "This lies outside of the area of the import."),
    "repeated_row": (_WRONG, "同一记录在文件中重复。", "The file has the same record twice."),
    "known_elsewhere": (_WRONG, "同一记录已在别处登记。", "The same record stands elsewhere already."),
    "changed_since": (
        _NOT_NOW,
        "导入后有人改过或核实过,予以保留。",
        "Somebody changed or verified it since the import: it is kept.",
    ),
    "in_use_since": (_NOT_NOW, "其下有有效记录,予以保留。", "Records in force belong to it: it is kept."),
}
