"""The errors of what one asks and another decides, and of what departments owe to a case together; as in `errors.py`."""

from http import HTTPStatus

DECISIONS: dict[str, tuple[HTTPStatus, str, str]] = {
    "asked_already": (
        HTTPStatus.CONFLICT,
        "已有一份申请待决定,请等候结果。",
        "This was asked for already: wait for the decision.",
    ),
    "nothing_asked": (
        HTTPStatus.CONFLICT,
        "没有待您决定的申请,可能已由他人处理;请看最新情况。",
        "Nothing waits for your decision; somebody may have decided already: look at the case as it is now.",
    ),
    "own_word": (
        HTTPStatus.CONFLICT,
        "提出的人与各级决定的人不能是同一人,请由他人决定。",
        "Who asks, and who decides at each level, are different people: let somebody else decide.",
    ),
    "suspended_once": (
        HTTPStatus.CONFLICT,
        "这个案件已挂账过一次,不能再挂账;请继续办理。",
        "This case was suspended once already and cannot be again: go on with it.",
    ),
    "bad_until": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "恢复日期须在明天以后、一年以内,请重新选择。",
        "The date lies between tomorrow and a year from now: choose again.",
    ),
    "cause_needed": (HTTPStatus.UNPROCESSABLE_ENTITY, "请选择挂账原因。", "Say what the cause is."),
    "until_needed": (HTTPStatus.UNPROCESSABLE_ENTITY, "请选择恢复日期。", "Say until when."),
    "objected_already": (
        HTTPStatus.CONFLICT,
        "对这次派遣已提出过异议,不能再提;请继续办理。",
        "You objected to this assignment already: go on with the case.",
    ),
    "parts_needed": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "请选择配合部门,并写明各自的任务。",
        "Choose the departments that join, each with its task.",
    ),
    "joined_twice": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "牵头部门或同一部门不能重复列为配合部门,请修改。",
        "The lead does not join, and a department joins once: change the list.",
    ),
    "other_lead": (
        HTTPStatus.CONFLICT,
        "案件已由首接部门牵头;要换牵头部门,请先撤回派遣。",
        "The first receiver leads: to choose another lead, withdraw the assignment first.",
    ),
    "no_part": (
        HTTPStatus.CONFLICT,
        "您的部门没有待办的配合任务,可能已经办结;请看最新情况。",
        "Your department has no open part in this case; look at it as it is now.",
    ),
    "parts_open": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "还有配合部门没有办完;请等候,或写明不再等待的理由。",
        "A joining department has not finished: wait for it, or say why you go on without it.",
    ),
}
