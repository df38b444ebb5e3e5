"""Errors as the caller meets them: a code for programs, a sentence for people in their language, what is wrong per field."""

from http import HTTPStatus
from typing import Any

from gridmap.errors_cells import CELLS
from gridmap.errors_decisions import DECISIONS
from gridmap.errors_departments import DEPARTMENTS
from gridmap.errors_forms import FORMS
from gridmap.errors_hooks import HOOKS
from gridmap.errors_intake import INTAKE
from gridmap.errors_persons import PERSONS
from gridmap.errors_register import REGISTER
from gridmap.errors_residents import RESIDENTS
from gridmap.errors_same_case import SAME_CASE
from gridmap.gate_errors import GATE

# code: (status, Chinese, English). A sentence says what happened and what to do; {names} are filled in.
MESSAGES: dict[str, tuple[HTTPStatus, str, str]] = {
    "bad_login": (
        HTTPStatus.UNAUTHORIZED,
        "账号或密码不对,请检查后再试。",
        "The account or the password is wrong: check both and try again.",
    ),
    "not_signed_in": (
        HTTPStatus.UNAUTHORIZED,
        "请先登录;尚未提交的内容仍在本机。",
        "Sign in first; what you have not sent yet stays on this device.",
    ),
    "csrf": (HTTPStatus.FORBIDDEN, "页面已过期,请刷新后再试。", "This page has expired: reload it and try again."),
    "forbidden": (HTTPStatus.FORBIDDEN, "您的角色不能执行此操作。", "Your role may not do this."),
    "not_found": (HTTPStatus.NOT_FOUND, "没有找到,或您无权查看。", "Not found, or not yours to see."),
    "invalid": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "有内容填写不正确,请按提示修改。",
        "Something is not filled in right: see the fields.",
    ),
    "bad_period": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "统计时段不正确:结束不能早于开始,一次最多三年。",
        "This period cannot be counted: it must not end before it begins, and be three years at most.",
    ),
    "unreadable": (HTTPStatus.BAD_REQUEST, "请求内容无法读取。", "The request cannot be read."),
    "too_large": (
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "内容过大,请减小后再试。",
        "This is too large: make it smaller and try again.",
    ),
    "id_reused": (
        HTTPStatus.CONFLICT,
        "同一编号已用于另一次提交,请用新编号重新提交。",
        "This id was used for another request: send this one with a new id.",
    ),
    "stale": (
        HTTPStatus.CONFLICT,
        "别人刚刚更新了此案件,请看过最新情况再操作。",
        "Someone has just changed this case: look at it as it is now, then act.",
    ),
    "wrong_state": (
        HTTPStatus.CONFLICT,
        "案件现在是“{state}”,不能{action};现在可以:{possible}。",
        "The case is “{state}” now, so you cannot {action}; possible now: {possible}.",
    ),
    "point_outside": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "这个位置不在任何网格内,请在地图上移到网格里。",
        "This place lies outside every cell: move it into one on the map.",
    ),
    "other_street": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "这个位置不在您的街道,请在地图上移回,或联系当地街道。",
        "This place lies in another street's area: move it back, or tell that street office.",
    ),
    "own_eyes": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "网格员上报自己所见;市民来源由受理员登记。",
        "A worker reports what she saw; reports of citizens are taken by an acceptor.",
    ),
    "unknown_class": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "没有这个类别,请从目录中选择。",
        "There is no such class: choose one from the catalogue.",
    ),
    "unknown_condition": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "该类别没有这个情形,请重新选择。",
        "This class has no such condition: choose again.",
    ),
    "unknown_department": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "没有这个部门,请重新选择。",
        "There is no such department: choose again.",
    ),
    "unknown_person": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "此人不在岗或不负责该网格,请另选。",
        "This person does not serve that cell: choose someone else.",
    ),
    "future_time": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "发生时间在将来,请检查设备时间。",
        "The time lies in the future: check the clock of the device.",
    ),
    "old_fix": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "这是一小时以前的位置,没有采用。",
        "This position is over an hour old: it was not taken.",
    ),
    "too_old": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "发生时间早于一年前,请检查。",
        "The time is more than a year ago: check it.",
    ),
    "version_needed": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "请带上您看到的版本号。",
        "Say which version of the case you saw.",
    ),
    "reason_needed": (HTTPStatus.UNPROCESSABLE_ENTITY, "请写明理由。", "Give a reason."),
    "text_needed": (HTTPStatus.UNPROCESSABLE_ENTITY, "请写一句说明。", "Write a line that says what was done."),
    "photo_needed": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "这一步需要先添加照片。",
        "This stage needs a photo: add one first.",
    ),
    "document_needed": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "这一步需要先添加材料。",
        "This stage needs a document: add one first.",
    ),
    "signature_needed": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "这一步需要签名,请勾选“我签名”。",
        "This stage needs a signature: tick “I sign”.",
    ),
    "unknown_area": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "没有这个社区或网格,请重新选择。",
        "There is no such community or cell: choose again.",
    ),
    "cells_faulty": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "这些网格不能生效:它们合起来必须正好是这个社区,没有缝隙、重叠或断开的部分,请按提示修改。",
        "These cells cannot be put in force: together they must be the community exactly, without gap, overlap or separate parts.",
    ),
    "no_procedure": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "这一类在这里还没有生效的办理流程,请联系管理员。",
        "No procedure is in force here for this class: ask the administrator.",
    ),
    "first_stage": (
        HTTPStatus.CONFLICT,
        "这是第一步,没有上一步可退。",
        "This is the first stage: there is none to go back to.",
    ),
    "no_more_extensions": (
        HTTPStatus.CONFLICT,
        "已延期两次,不能再延;请抓紧办结。",
        "It was extended twice already and cannot be again: bring it to an end.",
    ),
    "unknown_earlier": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "没有找到这个编号的事项;请核对回执上的编号,或留空。",
        "There is no matter of this number: compare it with the receipt, or leave it empty.",
    ),
    "no_limit": (HTTPStatus.CONFLICT, "这一步没有时限,无需延办。", "This stage has no limit: nothing to extend."),
    "no_draft": (HTTPStatus.CONFLICT, "没有草稿;请先修改流程。", "There is no draft: change the procedure first."),
    "past_date": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "生效日期不能早于今天。",
        "A version cannot come into force before today.",
    ),
    "procedure_flawed": (
        HTTPStatus.CONFLICT,
        "流程还有问题,不能生效;请按列出的问题修改。",
        "The procedure has flaws and cannot be put in force: mend what is listed.",
    ),
    "exists": (
        HTTPStatus.CONFLICT,
        "这里已经有了,请修改已有的。",
        "This is there already: change the one that is there.",
    ),
    "department_needed": (HTTPStatus.UNPROCESSABLE_ENTITY, "请选择处置部门。", "Choose a department."),
    "outcome_needed": (HTTPStatus.UNPROCESSABLE_ENTITY, "请选择通过或不通过。", "Say whether it passes or fails."),
    "own_report": (
        HTTPStatus.CONFLICT,
        "上报人不能核实自己登记的上报,请由他人核实。",
        "Whoever took a report may not verify it: let someone else do it.",
    ),
    "own_work": (
        HTTPStatus.CONFLICT,
        "处置人不能核查自己的处置,请由他人核查。",
        "Whoever handled a case may not verify it: let someone else do it.",
    ),
    "not_verified": (
        HTTPStatus.CONFLICT,
        "市民上报须先核实再立案。",
        "A citizen's report is verified before it is filed.",
    ),
    "passed_up": (
        HTTPStatus.CONFLICT,
        "案件已报上级,由上级处理。",
        "The case was passed up already and is dealt with there.",
    ),
    "top_level": (HTTPStatus.CONFLICT, "已是最高一级,不能再上报。", "This is the highest level already."),
    "name_taken": (
        HTTPStatus.CONFLICT,
        "您已有同名的筛选,请换一个名字。",
        "You have a filter of this name already: choose another.",
    ),
    "too_many_filters": (
        HTTPStatus.CONFLICT,
        "最多保存 {most} 个筛选,请先删除不用的。",
        "At most {most} filters are kept: delete one first.",
    ),
    "too_many_photos": (HTTPStatus.CONFLICT, "一个案件最多 {most} 张照片。", "A case holds at most {most} photos."),
    "not_on_duty": (HTTPStatus.CONFLICT, "您不在岗,位置没有上传。", "You are off duty: your position was not taken."),
    "no_area": (
        HTTPStatus.CONFLICT,
        "您没有负责的网格,请联系管理员。",
        "You have no cell of your own yet: ask the administrator.",
    ),
    "photo_too_large": (
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "照片超过 20 MB,请压缩后再传。",
        "The photo is over 20 MB: make it smaller.",
    ),
    "photo_not_an_image": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "这不是照片(JPEG、PNG 或 WebP),请另选。",
        "This is no photo (JPEG, PNG or WebP): choose another.",
    ),
    "photo_heic": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "暂不支持 HEIC,请在相机设置中改为 JPEG。",
        "HEIC is not supported: set the camera to JPEG.",
    ),
    "photo_too_many_pixels": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "照片像素过多,请缩小后再传。",
        "The photo has too many pixels: make it smaller.",
    ),
    "photo_truncated": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "照片不完整,请重新拍摄或选择。",
        "The photo is incomplete: take or choose it again.",
    ),
    "stale_rules": (
        HTTPStatus.CONFLICT,
        "别人刚刚改过这个版本的规则,请看过最新内容再改。",
        "Someone has just changed this version of the rules: look at it as it is now, then change it.",
    ),
    "not_a_draft": (
        HTTPStatus.CONFLICT,
        "这个版本不是草稿,不能再改;请从生效的版本新建草稿。",
        "This version is no draft and stays as it is: start a new draft from the one in force.",
    ),
    "rules_not_sound": (
        HTTPStatus.CONFLICT,
        "规则检查没有通过(空缺 {gaps}、重叠 {overlaps}、失效 {troubles}),请先改好再生效。",
        "The check found {gaps} gaps, {overlaps} overlaps and {troubles} broken rules: mend them, then put it in force.",
    ),
    "bad_rule": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "第 {number} 条规则填写不正确,请检查区域、类别和时段。",
        "Rule {number} is not filled in right: check its area, class and time.",
    ),
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
    "internal": (
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "服务器出错,已记录;请稍后再试。",
        "The server failed and noted it: try again later.",
    ),
    "unavailable": (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "数据库暂时不可用,请稍候再试;内容没有丢失。",
        "The database cannot be reached: try again shortly; nothing is lost.",
    ),
    **DECISIONS,
    **DEPARTMENTS,
    **FORMS,
    **GATE,
    **CELLS,
    **HOOKS,
    **INTAKE,
    **PERSONS,
    **REGISTER,
    **RESIDENTS,
    **SAME_CASE,
}


class ProblemError(Exception):
    """An error with a code of MESSAGES; `fields` maps a field to its own code, `detail` goes to the caller as it is."""

    def __init__(
        self, code: str, *, fields: dict[str, str] | None = None, detail: dict[str, Any] | None = None, **words: object
    ) -> None:
        super().__init__(code)
        self.code = code
        self.fields = fields or {}
        self.detail = detail or {}
        self.words = words

    @property
    def status(self) -> int:
        return MESSAGES[self.code][0]

    def body(self, language: str) -> dict[str, Any]:
        """The one JSON shape of every error, in "zh" or "en"."""
        words = {k: v[language] if isinstance(v, dict) else v for k, v in self.words.items()}
        fields = {name: sentence(code, language) if code in MESSAGES else code for name, code in self.fields.items()}
        return {
            "code": self.code,
            "message": sentence(self.code, language, **words),
            "fields": fields,
            "detail": self.detail,
        }


def sentence(code: str, language: str, **words: object) -> str:
    """The sentence of a code in "zh" or "en"."""
    _, chinese, english = MESSAGES[code]
    return (english if language == "en" else chinese).format(**words)
