"""What is said at the gate for demands on communities, in the form of `errors.MESSAGES`."""

from http import HTTPStatus

GATE: dict[str, tuple[HTTPStatus, str, str]] = {
    "stale_demand": (
        HTTPStatus.CONFLICT,
        "别人刚刚处理了这项要求,请看过最新情况再操作。",
        "Someone has just dealt with this demand: look at it as it is now, then act.",
    ),
    "demand_state": (
        HTTPStatus.CONFLICT,
        "这项要求现在是“{state}”,不能这样处理。",
        "This demand is “{state}” now: this cannot be done.",
    ),
    "own_proposal": (
        HTTPStatus.CONFLICT,
        "提出的人不能自己批准,请由他人审批。",
        "Whoever proposed a demand may not decide it: let someone else do it.",
    ),
    "demand_area": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "请选择一个街道或整个区。",
        "Choose a street, or the whole district.",
    ),
    "demand_past": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "终止日期须在今天及开始日期之后。",
        "The last day must not lie before today or before the first day.",
    ),
    "demand_too_long": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "最长一年;仍有需要时到期前重新申请。",
        "A year at most: if it is still needed then, ask again.",
    ),
    "demand_no_form": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "报表需要填报项,其他要求没有填报项。",
        "A form needs fields, and only a form has them.",
    ),
    "demand_refused": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "“{name}”不能要求社区填报:{why}。",
        "Communities may not be asked for “{name}”: {why}.",
    ),
    "demand_on_record": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "“{name}”系统里已有,请选“已有数据”,不要再问社区。",
        "“{name}” is on record already: take it from the records instead of asking.",
    ),
    "demand_field": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "第 {number} 个填报项不正确:名称不能空或重复,选择题至少两个选项。",
        "Field {number} is not right: it needs a name of its own, and a choice needs two choices.",
    ),
    "not_asked_now": (
        HTTPStatus.CONFLICT,
        "这张报表现在没有生效,可以拒绝填报。",
        "This form is not in force: it may be refused.",
    ),
    "no_such_period": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "这张报表没有这个填报期,请重新选择。",
        "This form has no such period: choose again.",
    ),
    "answers_missing": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "还有填报项没填或填得不对,请按提示修改。",
        "Some fields are empty or not right: see which.",
    ),
    "answer_names_person": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "这里像是身份证号或手机号,请删去。",
        "This looks like an identity or telephone number: take it out.",
    ),
}
