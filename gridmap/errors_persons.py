"""What whoever works with people by service meets: part of the table in `gridmap/errors.py`. No sentence repeats a value."""

from http import HTTPStatus

PERSONS: dict[str, tuple[HTTPStatus, str, str]] = {
    "person_data_off": (
        HTTPStatus.NOT_FOUND,
        "本系统没有启用人员信息。",
        "Person data is not turned on here.",
    ),
    "keys_missing": (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "人员信息的密钥暂时无法读取,请联系管理员。",
        "The keys of person data cannot be read: tell the administrator.",
    ),
    "person_closed": (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "这条记录的密钥不在或内容被改动,无法打开;请联系管理员。",
        "This record cannot be opened, its key is missing or it was changed: tell the administrator.",
    ),
    "person_known": (
        HTTPStatus.CONFLICT,
        "此人在这项服务中已有登记,请使用已有的记录。",
        "This person is known to this service already: use the record that is there.",
    ),
    "person_changed": (
        HTTPStatus.CONFLICT,
        "别人刚刚改过这条记录,请看过最新内容再操作。",
        "Someone has just changed this record: look at it as it is now, then act.",
    ),
    "person_ended": (
        HTTPStatus.CONFLICT,
        "服务已结束,不能再改;需要时请重新登记同意。",
        "The service has ended and the record stays as it is: record a new consent first.",
    ),
    "no_consent": (
        HTTPStatus.CONFLICT,
        "没有有效的同意可以撤回。",
        "There is no consent in force that could be withdrawn.",
    ),
    "old_form": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "同意书已有新版本,请按新版本征得同意。",
        "The consent form has a newer version: ask for consent by that one.",
    ),
    "future_date": (HTTPStatus.UNPROCESSABLE_ENTITY, "日期不能在将来。", "The date cannot lie in the future."),
    "where_needed": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "请选择住址或所在网格。",
        "Say where: choose an address, or a cell.",
    ),
    "name_needed": (HTTPStatus.UNPROCESSABLE_ENTITY, "请填写姓名。", "Give the name."),
    "bad_phone": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "电话号码不对:手机 11 位,固定电话带区号。",
        "This is no telephone number: a mobile has 11 digits, a landline its area code.",
    ),
    "bad_year": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "出生年份不对,请填四位年份。",
        "This is no year of birth: give four digits.",
    ),
    "number_of_papers": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "这里不收集证件号码,请删去。",
        "Numbers of identity papers are not collected here: take it out.",
    ),
    "not_taken": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "这项服务不收集此项信息。",
        "This service does not collect this.",
    ),
    "words_name_person": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "说明会留在记录里,请不要写姓名和号码。",
        "These words are kept in the open: say why without her name or number.",
    ),
}
