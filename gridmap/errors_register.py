"""What one meets at the register of a cell: part of the table in `gridmap/errors.py`."""

from http import HTTPStatus

_WRONG = HTTPStatus.UNPROCESSABLE_ENTITY

REGISTER: dict[str, tuple[HTTPStatus, str, str]] = {
    "record_known": (
        HTTPStatus.CONFLICT,
        "已有同一记录“{title}”,请打开它核对或更正,不必重新登记。",
        "“{title}” is recorded already: open it and verify or correct it, nothing needs to be entered again.",
    ),
    "record_elsewhere": (
        HTTPStatus.CONFLICT,
        "这一记录已登记在别的网格,不归您查看;如登记有误,请告知社区核对,不要重复登记。",
        "This is recorded already in another area that you do not look after: tell the community if that is wrong, do not record it twice.",
    ),
    "part_known": (
        HTTPStatus.CONFLICT,
        "其中有单位在新位置的社区已登记过同名记录,请先核对或注销其中一条。",
        "An organisation in it is recorded by the same name where this moves to: verify or end one of the two first.",
    ),
    "record_changed": (
        HTTPStatus.CONFLICT,
        "别人刚刚改过同一内容,请看过最新内容再改。",
        "Someone has just changed the same values: look at them as they are now, then change them.",
    ),
    "record_ended": (
        HTTPStatus.CONFLICT,
        "这条记录已注销,不能再改。",
        "This record has ended and is not changed any more.",
    ),
    "record_in_use": (
        HTTPStatus.CONFLICT,
        "其下还有 {count} 条有效记录,请先注销或移走它们。",
        "{count} records in force belong to it: end them or move them first.",
    ),
    "pledges_open": (
        HTTPStatus.CONFLICT,
        "它提供或认领的事项还有 {count} 条未办结,请先在双向认领中办结。",
        "{count} needs or offers that it makes or took on are open: finish them first.",
    ),
    "proposal_decided": (
        HTTPStatus.CONFLICT,
        "这条更正建议已有处理结果。",
        "This proposal has been decided already.",
    ),
    "pledge_taken": (HTTPStatus.CONFLICT, "已有人认领。", "Somebody has taken this on already."),
    "point_needed": (_WRONG, "请在地图上指出位置。", "Point out its place on the map."),
    "unknown_record": (_WRONG, "没有找到所属记录,请重新选择。", "It is not known what this belongs to: choose again."),
    "wrong_parent": (
        _WRONG,
        "这类地点不能放在这里,例如住房只能属于楼栋或单元。",
        "This cannot be a part of that: a dwelling belongs to a building or stairwell.",
    ),
    "unknown_field": (_WRONG, "没有这一项。", "There is no such field."),
    "unknown_choice": (_WRONG, "不在可选范围内,请从列表中选择。", "Not one of the choices: pick one of the list."),
    "missing": (_WRONG, "必须填写。", "This is needed."),
    "not_text": (_WRONG, "请填写文字。", "Write a text here."),
    "not_a_number": (_WRONG, "请填写整数。", "Write a whole number here."),
    "out_of_range": (_WRONG, "数值超出合理范围。", "The number is out of range."),
    "too_long": (_WRONG, "内容过长,请缩短。", "This is too long: shorten it."),
    "bad_uscc": (
        _WRONG,
        "统一社会信用代码不正确,请核对 18 位代码。",
        "The credit code is wrong: check its 18 characters.",
    ),
    "bad_object_code": (_WRONG, "部件编码应为 16 位数字。", "The code of an object has 16 digits."),
    "more_than_over_60": (
        _WRONG,
        "80 岁以上人数不能多于 60 岁以上人数。",
        "There cannot be more persons over 80 than over 60.",
    ),
    "fewer_than_parts": (
        _WRONG,
        "人数少于老人与儿童之和。",
        "The household has fewer persons than its old and young ones together.",
    ),
}
