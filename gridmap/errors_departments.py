"""What is said of the tree of departments and its people, in the form of `errors.MESSAGES`."""

from http import HTTPStatus

DEPARTMENTS: dict[str, tuple[HTTPStatus, str, str]] = {
    "stale_department": (
        HTTPStatus.CONFLICT,
        "别人刚刚改过这个部门,请看过最新情况再操作。",
        "Someone has just changed this department: look at it as it is now, then change it.",
    ),
    "department_known": (
        HTTPStatus.CONFLICT,
        "这个部门代码已经用过;请换一个代码。",
        "This code of a department was given before: choose another.",
    ),
    "department_over": (
        HTTPStatus.CONFLICT,
        "这个部门已经停用,不能再改。",
        "This department has ended and is not changed any more.",
    ),
    "department_has_children": (
        HTTPStatus.CONFLICT,
        "它还有下级部门;请先把下级部门移到别处或停用。",
        "It has departments below it: move or end them first.",
    ),
    "department_not_there": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "不能选这个部门:它已停用、将要停用、不管这个区域,或者就在它自己之下。",
        "This department cannot be chosen: it has ended or will, does not reach that area, or lies below itself.",
    ),
    "successor_needed": (
        HTTPStatus.CONFLICT,
        "还有 {cases} 件在办案件、{stages} 个办事环节靠它:请选择由谁接续,或先改派案件、修改流程,再停用。",
        "{cases} open cases and {stages} stages need it: choose who takes over, or first assign them elsewhere.",
    ),
    "successor_needed_later": (
        HTTPStatus.CONFLICT,
        "到停用那天还会有案件派给它,或有部门等它接续:请选择由谁接续,或在没有案件时立即停用。",
        "Until then cases will come, or a department hands over to it: choose who takes over, or end it at once.",
    ),
    "stale_person": (
        HTTPStatus.CONFLICT,
        "别人刚刚调动过这个人,请看过最新情况再操作。",
        "Someone has just moved this person: look where she is now, then move her.",
    ),
    "grant_known": (
        HTTPStatus.CONFLICT,
        "这个人在那里已经有这个角色;请选择别的区域或部门。",
        "This person has that role there already: choose another area or department.",
    ),
}
