"""What this system keeps no record of, as words: for the names of columns, fields, classes and categories.

No file, field, flag, category or search here concerns a person's belief, petitions, politics, ethnicity or
"stability"; there is no count or ranking of workers and no recognition of faces. `forbidden` looks for such names; an
importer refuses what carries them and says why, and a test looks through the project's own schema. Names only: in
addresses and free text the same characters are harmless (民族路 is a street). A name is looked at as people mean it: without blanks,
marks and signs that are not seen, in simplified characters, and by its initials where it is nothing else (MZ, SFZH).

Pure: no Django, no database.
"""

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

NOT_BUILT_FILE = Path(__file__).parent / "data" / "not_built.csv"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is refused: a code for programs, a sentence in both languages."""

    code: str
    zh: str
    en: str


BELIEF = Reason(
    "belief", "宗教信仰属于个人敏感信息，本系统不记录。", "Belief is a private matter; it is not recorded here."
)
PETITION = Reason(
    "petition",
    "信访是合法渠道，请告知来访人正确途径；本系统不登记。",
    "Petitions have a lawful channel of their own: point to it; they are not recorded here.",
)
POLITICS = Reason(
    "politics", "党务、政治事项不属于网格案件。", "Party and political matters are no incidents of a cell."
)
ETHNICITY = Reason("ethnicity", "民族属于个人敏感信息，本系统不记录。", "Ethnicity is not recorded here.")
STABILITY = Reason(
    "stability",
    "本系统不做“维稳”管控；纠纷只作为事件调解。",
    'Nothing is built here for "stability" control; a dispute is mediated as an event.',
)
PROFILING = Reason(
    "profiling",
    "本系统不给人贴标签、不建重点人员档案；需要的服务由主管部门办理。",
    "No lists or labels of persons are kept here; the competent service looks after its own cases.",
)
OPINION = Reason("opinion", "本系统不收集居民言论。", "What residents say or think is not collected here.")
BIRTHS = Reason("births", "生育属于家庭私事，本系统不记录。", "Family planning is private; it is not recorded here.")
CONTROL = Reason(
    "control",
    "本系统不把外来人口作为管控对象，只按网格统计人数。",
    "Newcomers are no object of control here; only counts per cell are kept.",
)
FACES = Reason("faces", "本系统不做人脸等生物识别。", "There is no recognition of faces or bodies here.")
STAFF = Reason(
    "staff",
    "不得对工作人员打卡、排名或统计在线时长。",
    "Workers are not ranked, clocked or measured by minutes and metres.",
)
IDENTITY = Reason(
    "identity", "没有法律依据不收集身份证号。", "Identity numbers are not collected without a law that asks for them."
)

_CHINESE: dict[Reason, str] = {
    BELIEF: "宗教 信仰 信教 教派 教徒 邪教 法轮",
    PETITION: "信访 上访 访民 截访 缠访 闹访",
    POLITICS: "政治 党员 党建 党务 党纪 党的建设 统战 统一战线 意识形态",
    ETHNICITY: "民族 族别",
    STABILITY: "维稳 稳控 不安定因素 不稳定因素 群体性事件 群发性事件 非法集会 游行示威",
    PROFILING: "重点人 高危人员 刑释 解教 帮教 矫正 吸毒 戒毒 艾滋 精神障碍 精神病 性格特征 风险等级人员",
    OPINION: "舆情 舆论 言论 思想动态",
    BIRTHS: "计生 计划生育 超生 多孩 社会抚养费 节育",
    CONTROL: "流动人口管理 外来人口管理 流动人口管控",
    FACES: "人脸 面部识别 指纹 虹膜 步态",
    STAFF: "打卡 在线时长 巡查里程 人员排名 积分排名 网格员排名",
    IDENTITY: "身份证 身份号码 证件号",
}
_ENGLISH: dict[Reason, str] = {
    BELIEF: "religion religious belief faith creed cult falun",
    PETITION: "petition petitioner petitioners petitioning xinfang shangfang",
    POLITICS: "politics political party_member party_membership zhengzhi",
    ETHNICITY: "ethnic ethnicity ethnicities minzu race",
    STABILITY: "stability weiwen unrest",
    PROFILING: "key_person key_persons person_risk risk_person criminal_record drug_user mental_illness",
    OPINION: "public_opinion yuqing",
    BIRTHS: "family_planning birth_control",
    CONTROL: "migrant_control",
    FACES: "face_recognition face_id facial biometric biometrics fingerprint",
    STAFF: "mileage ranking leaderboard online_minutes online_time check_in_count",
    IDENTITY: "id_card idcard id_no idno id_number idnumber identity_number identity_no national_id shenfenzheng",
}
_INITIALS: dict[Reason, str] = {
    BELIEF: "zjxy xyzj",
    POLITICS: "zzmm",
    ETHNICITY: "mz",
    IDENTITY: "sfz sfzh sfzhm sfzjh sfzjhm sfzjlx zjh zjhm",
}
_SIMPLE = str.maketrans(
    "訪纏鬧輪黨務統戰線識態別維穩會團點員釋幫矯礙徵險級輿論計劃撫養費節動臉紋證號碼積網裡審記錄時長氣質與癮愛滋異個標籤",
    "访缠闹轮党务统战线识态别维稳会团点员释帮矫碍征险级舆论计划抚养费节动脸纹证号码积网里审记录时长气质与瘾艾滋异个标签",
)
_NOT_BIRTHS = re.compile("(?<=[合小总统设共累估预])计(?=生)")  # 合计生活用水 counts water
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def forbidden(name: str) -> Reason | None:
    """Why a column, field, class or category of this name has no place here; None if it has."""
    name = "".join(sign for sign in unicodedata.normalize("NFKC", name) if unicodedata.category(sign) != "Cf")
    bare = re.sub(r"[\W_]+", "", name).translate(_SIMPLE)
    meant = _NOT_BIRTHS.sub("", bare)
    for reason, words in _CHINESE.items():
        if any(word in meant for word in words.split()):
            return reason
    for reason, words in _INITIALS.items():
        if bare.lower() in words.split():
            return reason
    spoken = f"_{'_'.join(word.lower() for word in _WORD.findall(name))}_"
    for reason, words in _ENGLISH.items():
        if any(f"_{word}_" in spoken for word in words.split()):
            return reason
    return None


@dataclass(frozen=True, slots=True)
class NotBuilt:
    """A name of other systems' lists that is refused: as a `type`, a `major` or a `minor` class."""

    name: str
    column: str
    reason: Reason


@cache
def not_built() -> dict[tuple[str, str], NotBuilt]:
    """The rows of `data/not_built.csv` by (column, name)."""
    with NOT_BUILT_FILE.open(encoding="utf-8", newline="") as lines:
        rows = [
            NotBuilt(row["name"], row["column"], Reason("not_built", row["reason_zh"], row["reason_en"]))
            for row in csv.DictReader(lines)
        ]
    return {(row.column, row.name): row for row in rows}


def refused_class(names: dict[str, str]) -> tuple[str, Reason] | None:
    """The first of a case's type, major and minor class (by column) that is refused, with the reason.

    A name stands on the list of `data/not_built.csv`, or it carries a forbidden word.
    """
    for column, name in names.items():
        listed = not_built().get((column, name))
        reason = listed.reason if listed else forbidden(name)
        if reason:
            return column, reason
    return None
