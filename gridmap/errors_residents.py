"""What residents may be told on the pages without an account, and what staff are told of them; a part of `gridmap.errors`."""

from http import HTTPStatus

RESIDENTS: dict[str, tuple[HTTPStatus, str, str]] = {
    "too_many": (
        HTTPStatus.TOO_MANY_REQUESTS,
        "操作太频繁了,请在 {again} 以后再试;紧急情况请拨打 110、119 或 120。",
        "This was done too often: come again after {again}; in an emergency call 110, 119 or 120.",
    ),
    "no_cell": (
        HTTPStatus.NOT_FOUND,
        "没有这个网格,请核对二维码下方的编号,或拨打 12345 反映。",
        "There is no such cell: check the number under the QR code, or call 12345.",
    ),
    "cell_ended": (
        HTTPStatus.GONE,
        "这个网格已经重新划分,请扫描新的二维码,或从下面选择现在的网格。",
        "This cell was drawn anew: scan the new QR code, or choose the cell of today below.",
    ),
    "no_booking": (
        HTTPStatus.NOT_FOUND,
        "这里没有可以预约或取消的时间,请换个社区或方式,或在工作时间直接到社区窗口。",
        "There is no time to book or cancel here: try another community or way, or come to the counter in working hours.",
    ),
    "slot_gone": (
        HTTPStatus.CONFLICT,
        "这个时间已不能预约,请另选一个时间。",
        "This time can no longer be booked: choose another one.",
    ),
    "slot_full": (
        HTTPStatus.CONFLICT,
        "这个时间刚刚约满,请另选一个时间。",
        "This time has just been taken: choose another one.",
    ),
    "address_needed": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "请写上门的地址。",
        "Say where to come to.",
    ),
    "booking_over": (
        HTTPStatus.CONFLICT,
        "这个预约已经办理、取消或过了时间,请看最新进展。",
        "This booking was taken up, cancelled or is over: look at how it stands.",
    ),
    "not_begun": (
        HTTPStatus.CONFLICT,
        "这个预约还没有登记成事项,请到约定的时间办理。",
        "The matter of this booking is not registered yet: come at the time that you booked.",
    ),
    "no_guide": (
        HTTPStatus.NOT_FOUND,
        "没有这类事项的办事指南,请从列表里选择,或到社区窗口询问。",
        "There is no guide to this: choose from the list, or ask at the counter of your community.",
    ),
    "far_from_cell": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "这个位置不在本街道,请在地图上移回网格附近,或扫描那里的二维码。",
        "This place lies in another street: move it back near the cell, or scan the QR code that hangs there.",
    ),
    "no_receipt": (
        HTTPStatus.NOT_FOUND,
        "编号或密码不对,请对照回执再输入一次。",
        "The number or the password is wrong: look at the receipt and type them again.",
    ),
    "no_question": (
        HTTPStatus.CONFLICT,
        "现在没有需要您回答的问题,请刷新页面看最新进展。",
        "Nothing is asked of you now: reload the page to see how it stands.",
    ),
    "not_closed": (
        HTTPStatus.CONFLICT,
        "办结以后才能评价,请到时再来。",
        "You can rate it once it is closed: come back then.",
    ),
    "already_rated": (HTTPStatus.CONFLICT, "您已经评价过了,谢谢。", "You have rated this already, thank you."),
    "case_over": (
        HTTPStatus.CONFLICT,
        "这件事已经办结,不能再补充照片。",
        "This case is over and takes no more photos.",
    ),
    "no_resident": (
        HTTPStatus.CONFLICT,
        "这个案件不是居民扫码上报的,没有可以询问的人。",
        "No resident reported this case by QR code: there is nobody to ask.",
    ),
    "question_open": (
        HTTPStatus.CONFLICT,
        "已有一个问题在等居民回答,请等回答或到期后再问。",
        "A question is waiting for the resident: wait for the answer or the end of its time.",
    ),
    "no_wish": (
        HTTPStatus.CONFLICT,
        "居民没有提出重新受理,或已经答复过。",
        "The resident did not ask for it, or had a reply already.",
    ),
}
