"""What an administrator meets who has other systems told of events: part of the table in `gridmap/errors.py`."""

from http import HTTPStatus

HOOKS: dict[str, tuple[HTTPStatus, str, str]] = {
    "bad_address": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "请填写 https:// 开头的公网地址,不带用户名和密码。",
        "Give a public address that begins with https://, without a name and a password in it.",
    ),
    "hook_changed": (
        HTTPStatus.CONFLICT,
        "别人刚刚改过这个推送,请看过最新内容再改。",
        "Someone has just changed this webhook: look at it as it is now, then change it.",
    ),
    "too_many_asked": (
        HTTPStatus.CONFLICT,
        "已有 {most} 条在等待发送,请稍后再试。",
        "{most} messages wait to be sent already: try again when they have been.",
    ),
    "too_many_hooks": (
        HTTPStatus.CONFLICT,
        "最多 {most} 个推送,请先删除不用的。",
        "At most {most} webhooks are kept: remove one first.",
    ),
}
