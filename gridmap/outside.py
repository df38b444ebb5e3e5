"""Errors of what other systems meet, as `gridmap/errors.py` has them: Open311, and addresses that are told of events."""

from http import HTTPStatus

MESSAGES: dict[str, tuple[HTTPStatus, str, str]] = {
    # --- Open311
    "key_needed": (
        HTTPStatus.FORBIDDEN,
        "api_key 缺失或无效,请向管理员索取有效的密钥。",
        "The api_key is missing or not valid: ask the administrator for one.",
    ),
    "jurisdiction_unknown": (
        HTTPStatus.NOT_FOUND,
        "没有这个 jurisdiction_id:请填在用的区划代码,或留空。",
        "There is no such jurisdiction_id: give the code of an area in force, or leave it out.",
    ),
    "other_jurisdiction": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "这个位置不在 jurisdiction_id 的范围内,请改其中之一。",
        "This place lies outside the jurisdiction_id: change one of them.",
    ),
    "service_code_needed": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "缺少 service_code,请从 services 中选择。",
        "The service_code was not provided: choose one of the services.",
    ),
    "lat_long_needed": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "请提供 lat 和 long;本接口不解析地址。",
        "Give lat and long: no address is looked up here.",
    ),
    "bad_span": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "请填写带时区的时间(如 2026-01-01T00:00:00Z),跨度不超过 90 天。",
        "Give moments with their offset (2026-01-01T00:00:00Z) that span at most 90 days.",
    ),
    # --- addresses that are told of events
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
    "too_many_hooks": (
        HTTPStatus.CONFLICT,
        "最多 {most} 个推送,请先删除不用的。",
        "At most {most} webhooks are kept: remove one first.",
    ),
}
