"""What one meets when asking the register by a form: part of the table in `gridmap/errors.py`."""

from http import HTTPStatus

FORMS: dict[str, tuple[HTTPStatus, str, str]] = {
    "too_many_parts": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "所选项目过多,请减少。",
        "Too much is chosen: leave something out.",
    ),
    "form_changed": (
        HTTPStatus.CONFLICT,
        "别人刚刚改过这张报表,请看过最新内容再改。",
        "Someone has just changed this form: look at it as it is now, then change it.",
    ),
}
