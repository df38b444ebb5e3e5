"""What is said where reports are asked more, tied together, corrected or taken back; a part of `gridmap.errors`."""

from http import HTTPStatus

SAME_CASE: dict[str, tuple[HTTPStatus, str, str]] = {
    "call_first": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "请立即拨打 {channel}。这件事由 {channel} 处置,没有另开案件。",
        "Call {channel} now. It is theirs to deal with, and no case was opened.",
    ),
    "answers_wrong": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "有问题没有答好,请按提示补上。",
        "Some questions are not answered right: see the fields.",
    ),
    "answer_needed": (HTTPStatus.UNPROCESSABLE_ENTITY, "请回答这个问题。", "Answer this question."),
    "answer_wrong": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "这个答案不可用,请重答。",
        "This is no answer to it: answer again.",
    ),
    "seen_needed": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "请带上您看到它的位置和时间。",
        "Say where and when you saw it.",
    ),
    "other_needed": (HTTPStatus.UNPROCESSABLE_ENTITY, "请选择另一个案件。", "Choose the other case."),
    "correction_needed": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "没有改动,请改好再提交。",
        "Nothing differs: change what is wrong, then send it.",
    ),
    "unknown_case": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "没有这个案件,或您无权查看,请另选。",
        "There is no such case, or it is not yours to see: choose another.",
    ),
    "unknown_report": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "本案没有这次上报,请重新选择。",
        "This case has no such report: choose again.",
    ),
    "same_case": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "这就是同一个案件,请选另一个。",
        "This is the very same case: choose another.",
    ),
    "street_differs": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "两个案件不在同一街道,不能关联。",
        "The two cases lie in different streets and cannot be joined.",
    ),
    "other_ended": (
        HTTPStatus.CONFLICT,
        "对方案件已经办结,请选一个未办结的。",
        "The other case has ended: choose one that is open.",
    ),
    "is_matter": (
        HTTPStatus.CONFLICT,
        "窗口事务只属于申请人,不能这样办。",
        "A matter of the counter stands for its applicant: this is not possible with it.",
    ),
    "other_is_matter": (
        HTTPStatus.CONFLICT,
        "对方是窗口事务,请选一个案件。",
        "The other one is a matter of the counter: choose a case.",
    ),
    "has_children": (
        HTTPStatus.CONFLICT,
        "本案下面还有子案件,请先把它们移出。",
        "This case has others under it: take those out first.",
    ),
    "is_child": (
        HTTPStatus.CONFLICT,
        "对方案件本身在另一案件之下,请选最上面的那个。",
        "The other case is itself under one: choose the one at the top.",
    ),
    "no_parent": (HTTPStatus.CONFLICT, "本案不在任何案件之下。", "This case is not under another one."),
    "others_report": (
        HTTPStatus.FORBIDDEN,
        "只有上报人可以更正或撤销上报。",
        "Only the one who made the report may correct it or take it back.",
    ),
    "others_joined": (
        HTTPStatus.CONFLICT,
        "别人也上报了这件事,不能撤销;内容不对请更正。",
        "Others reported the same, so it cannot be taken back: correct it instead.",
    ),
    "reported_already": (
        HTTPStatus.CONFLICT,
        "您已经上报过这个案件;有新情况请加备注或照片。",
        "You reported this case already: add a note or a photo instead.",
    ),
}
