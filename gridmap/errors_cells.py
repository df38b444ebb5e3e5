"""What planners of cells meet: part of the table in `gridmap/errors.py`."""

from http import HTTPStatus

CELLS: dict[str, tuple[HTTPStatus, str, str]] = {
    "plan_changed": (
        HTTPStatus.CONFLICT,
        "别人刚刚改过这个方案,已换成最新内容,请看过再改。",
        "Someone has just changed this plan: look at it as it is now, then change it.",
    ),
    "plan_state": (
        HTTPStatus.CONFLICT,
        "方案已不在可以这样操作的状态,请刷新后查看。",
        "This plan is no longer in a state for that: look at it as it is now.",
    ),
    "plan_pending": (
        HTTPStatus.CONFLICT,
        "这个社区已有一个待生效的方案,请先撤回它。",
        "Another plan of this community waits for its day: recall that first.",
    ),
    "not_in_one_piece": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "网格必须连成一片,请把断开的部分移回或移到相邻网格。",
        "Each cell must be in one piece: move what lies apart back, or to a neighbour.",
    ),
    "cell_locked": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "锁定的网格不能改,请先解锁。",
        "A locked cell stays as it is: unlock it first.",
    ),
    "statistics_only": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "方格和六边形只用于统计,会切开建筑,不能发布。",
        "Squares and hexagons are for statistics only: they cut buildings and are not published.",
    ),
    "no_codes_left": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "这个社区的网格代码(三位)已经用完,不能再发布新网格。请与区里商定新的社区代码。",
        "No cell codes (three digits) are left in this community: agree on a new code for the community with the district.",
    ),
    "border_faulty": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "现有网格的边界有错(自相交),请管理员先修正。",
        "The border of a cell in force is not valid (it crosses itself): have an administrator correct it first.",
    ),
    "bad_cell_shape": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "有一个网格的边线自相交或没有面积,请重新画。",
        "The border of a cell crosses itself or holds nothing: draw it again.",
    ),
    "cell_elsewhere": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "有一个网格不在这个社区里,请检查文件或坐标(须为 WGS 84 经纬度)。",
        "A cell lies outside this community: check the file and its coordinates (WGS 84, longitude and latitude).",
    ),
    "day_gone": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "生效日期不能早于今天。",
        "The day must not lie before today.",
    ),
    "too_many_plans": (
        HTTPStatus.CONFLICT,
        "这个社区已有 {most} 个方案,请先作废不用的。",
        "This community has {most} plans already: throw some away first.",
    ),
    "no_communities": (
        HTTPStatus.CONFLICT,
        "这里还没有带边界的社区,请先导入社区边界。",
        "No community here has a border yet: import the borders first.",
    ),
    "too_many_communities": (
        HTTPStatus.CONFLICT,
        "这里的社区超过 {most} 个,请选小一些的范围。",
        "There are more than {most} communities here: choose a smaller area.",
    ),
}
