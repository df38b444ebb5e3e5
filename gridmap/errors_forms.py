"""What one meets when asking the register by a form: part of the table in `gridmap/errors.py`."""

from http import HTTPStatus

FORMS: dict[str, tuple[HTTPStatus, str, str]] = {
    "too_many_parts": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "所选项目过多,请减少。",
        "Too much is chosen: leave something out.",
    ),
    "form_not_asked": (
        HTTPStatus.CONFLICT,
        "统计时出错,本月没有结果;请打开报表检查条件后再存一次。",
        "It could not be worked out and gave nothing this month: look at its filters and keep it again.",
    ),
    "form_author_gone": (
        HTTPStatus.CONFLICT,
        "建表人已无权在此统计,本月没有结果;请由有权的人另存一份。",
        "Whoever keeps it may not report here any more, so it gave nothing: somebody who may should keep it anew.",
    ),
    "form_outdated": (
        HTTPStatus.CONFLICT,
        "所选项目已不存在,本月没有结果;请修改报表。",
        "What it asks for is there no more, so it gave nothing: change the form.",
    ),
    "form_changed": (
        HTTPStatus.CONFLICT,
        "别人刚刚改过这张报表,请看过最新内容再改。",
        "Someone has just changed this form: look at it as it is now, then change it.",
    ),
}
