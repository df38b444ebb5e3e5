"""Names of the made-up town: ordinary words of the region, each given once."""

from collections.abc import Iterable
from random import Random

SLAB_COMPOUNDS = (
    "建设新村", "工农新村", "纺织新村", "向阳小区", "长兴一村", "长兴二村", "长兴三村", "文昌小区", "桂花苑", "银杏苑", "玉兰苑",
    "柳林小区", "荷塘苑", "竹溪苑", "翠屏小区", "澄溪花园", "新苑小区", "和平里", "友谊里", "锦绣花园", "丽景花园", "金桥花园",
    "安居小区", "康乐小区", "祥和家园", "馨园小区", "春晖苑", "秋实苑", "东苑小区", "西苑小区", "南苑小区", "北苑小区", "机床厂宿舍",
    "丝绸厂宿舍", "粮食局宿舍", "供销社宿舍", "教师新村", "水运新村", "明珠花园", "阳光家园", "枫林苑", "梧桐苑", "海棠苑", "芙蓉苑",
    "清风苑", "朝晖新村", "团结新村", "光明小区", "民乐小区", "永安里", "永宁里", "福星花园", "如意小区", "吉祥苑", "双桥小区",
    "石桥小区", "水井小区", "新桥花园", "临江花园", "江畔人家", "书香苑", "学苑小区", "百花小区", "青松苑", "雅居苑", "兴业小区",
    "恒丰小区", "泰安里", "嘉和苑", "静安里", "知春里", "立夏里", "丰年里", "景明苑", "瑞丰花园", "华康小区", "育才小区", "劳动新村",
)  # fmt: skip
TOWER_COMPOUNDS = (
    "云锦国际", "学府壹号", "澄江印象", "望江府", "江山御景", "紫薇天地", "悦澜湾", "滨河名邸", "翰林华庭", "星河湾畔", "金域澜庭",
    "柳岸春晓", "荷塘月色", "东城国际", "水岸新城", "凤凰城", "时代花城", "中央公馆", "书院里", "云上城", "山水华府", "锦江尚苑",
)  # fmt: skip
OLD_LANES = (
    "油坊巷", "盐店巷", "打铁巷", "半边街", "水井巷", "花朝门", "米市巷", "磨子巷", "染坊街", "草鞋巷", "鼓楼巷", "书院巷", "豆芽巷",
    "老码头", "篾匠街", "铜匠巷", "夜合巷", "皂角巷", "黄葛树巷", "石板街", "上河街", "下河街", "丁家院子", "周家坝",
)  # fmt: skip
STREETS = (
    "青年路", "建新路", "和平街", "梧桐街", "银杏路", "玉兰街", "春熙巷", "百花街", "育才路", "劳动路", "工农路", "光明街", "新华巷",
    "解放巷", "康宁路", "永乐街", "兴隆街", "福安街", "吉庆街", "双井街", "石桥街", "新桥路", "渡口路", "水塔街", "果园路", "桑园路",
    "茶亭街", "凉亭街", "望山路", "听涛路", "清泉街", "碧水街", "金沙街", "银河路", "东升街", "西成街", "南薰街", "北辰街", "文庙街",
    "学苑路", "创新路", "科技路", "园区路", "仓储路", "锦绣路", "海棠路", "芙蓉街", "茉莉街", "丹桂街", "枫林路", "松涛路", "竹影街",
    "荷香路", "柳荫街", "杏花街", "桃源路", "梨园路", "槐荫路", "榕树街", "香樟路", "蜡梅街", "山茶街", "杜鹃路", "迎春街", "秋月街",
    "晨曦街", "晚霞路", "丰收路", "富民路", "安康街", "太平街", "同心路", "友爱街", "敬老街", "少年路", "体育路", "卫生街", "邮电路",
)  # fmt: skip
VILLAGES = ("柳林坝", "周家湾", "李家院", "瓦窑坡", "桑树湾", "水碾坝", "石滩坝", "杨柳坝")
PARKS = (
    "桂花公园", "梧桐小游园", "竹溪公园", "荷塘公园", "长兴公园", "百花园", "青年广场", "水塔公园", "文昌公园", "东升小游园",
    "康宁小游园", "望山小游园", "杏花园", "柳荫小游园", "晨曦广场", "秋月园",
)  # fmt: skip
OFFICES = (
    "区水利站", "税务分局", "供电所", "自来水营业厅", "市政养护中心", "园林管理所", "环卫所", "邮政支局", "电信大楼", "粮食储备站",
    "农技推广站", "不动产登记点", "人社服务中心", "城建档案馆", "兴业大厦", "恒丰大厦", "金桥大厦", "广电中心", "住建服务中心", "气象站",
    "档案楼", "供销大厦", "文化产业楼", "创业孵化园", "设计院", "水务营业所", "燃气服务站", "交通服务站", "劳动仲裁中心", "食品检测中心",
)  # fmt: skip
WORKS = (
    "澄溪机械厂",
    "望江食品厂",
    "长兴纺织厂",
    "东城物流仓库",
    "示范包装厂",
    "学府电子厂",
    "新兴建材市场",
    "公交保养场",
    "冷链仓库",
)
SCHOOLS = (
    "望江小学", "文昌小学", "桂花街小学", "柳林小学", "长兴路小学", "学府实验小学", "荷塘小学", "建新路小学", "东升小学", "云锦小学",
    "青年路小学", "澄溪小学",
)  # fmt: skip
KINDERGARTENS = ("向阳幼儿园", "小星星幼儿园", "百花幼儿园", "澄溪幼儿园", "春苗幼儿园", "启明幼儿园", "柳林幼儿园", "学府幼儿园",
                 "梧桐幼儿园", "七彩幼儿园")  # fmt: skip
SHOPS = (
    "老街面馆", "江边茶馆", "便民超市", "好邻居便利店", "康宁药房", "宏达五金", "佳佳文具", "锦绣理发店", "豆花饭店", "火锅店", "水果店",
    "粮油店", "鲜花店", "快递驿站", "打印店", "宠物诊所", "眼镜店", "面包房", "手机维修", "自行车行", "母婴店", "窗帘布艺", "早餐店",
)  # fmt: skip
SHARED = {
    "supermarket": (
        "惠民超市",
        "万家超市",
        "澄溪购物中心",
        "新世纪超市",
        "邻里超市",
        "东升超市",
        "好又多超市",
        "佳惠超市",
        "鲜邻超市",
        "百佳超市",
    ),
    "hotel": ("望江宾馆", "澄溪酒店", "学府宾馆", "云锦酒店"),
    "nursing_home": ("望江养老服务中心", "长兴养老院", "柳林日间照料中心"),
    "clinic": (
        "望江卫生服务站",
        "文昌卫生服务站",
        "云锦卫生服务站",
        "学府卫生服务站",
        "桂花卫生服务站",
        "柳林卫生服务站",
    ),
    "bank": ("农商银行", "城市银行", "邮政储蓄所", "农商银行营业部", "城市银行营业部"),
    "library": ("文化活动中心", "少儿图书馆"),
    "parking": ("云锦停车楼", "桂花停车场", "长兴停车场", "学府停车楼"),
    "recycling": ("望江垃圾中转站", "长兴垃圾中转站", "柳林垃圾中转站"),
}
FIXED = {
    "police": "望江派出所",
    "fire_station": "望江消防救援站",
    "townhall": "望江街道办事处",
    "mall": "云锦广场",
    "hospital": "望江人民医院",
    "middle_school": "望江中学",
    "college": "示范职业学院",
    "bus_station": "望江客运站",
    "market": "老城农贸市场",
    "market2": "桂花农贸市场",
}


class Names:
    """Hands names out, each once, in an order that belongs to the seed."""

    def __init__(self, rng: Random) -> None:
        self._left: dict[str, list[str]] = {}
        for key, names in self._lists():
            self._left[key] = rng.sample(names, len(names))

    @staticmethod
    def _lists() -> Iterable[tuple[str, tuple[str, ...]]]:
        yield from SHARED.items()
        yield "slab", SLAB_COMPOUNDS
        yield "tower", TOWER_COMPOUNDS
        yield "old", OLD_LANES
        yield "street", STREETS
        yield "village", VILLAGES
        yield "park", PARKS
        yield "office", OFFICES
        yield "works", WORKS
        yield "school", SCHOOLS
        yield "kindergarten", KINDERGARTENS
        yield "shop", SHOPS

    def take(self, key: str, community: int = 0) -> str:
        """The next name of a list that suits the community, or '' when the list is used up."""
        left = self._left.get(key)
        if not left:
            return ""
        fitting = [name for name in left if _suits(name, community)]
        name = min(fitting or left, key=lambda name: not _belongs(name, community))
        left.remove(name)
        return name


# Words that place a name in a part of the town.
LOCAL = {
    1: ("望江", "老", "江边", "油坊", "水运"), 2: ("文昌", "长兴", "翠屏"), 3: ("云锦", "长兴", "新世纪"),
    4: ("学府", "育才", "书香", "学苑"), 5: ("桂花", "澄溪", "东"), 6: ("柳", "荷塘", "竹溪", "南"),
}  # fmt: skip
SPOKEN_FOR = tuple(word for words in LOCAL.values() for word in words if len(word) > 1)


def _belongs(name: str, community: int) -> bool:
    return name.startswith(LOCAL.get(community, ()))


def _suits(name: str, community: int) -> bool:
    return _belongs(name, community) or not name.startswith(SPOKEN_FOR)
