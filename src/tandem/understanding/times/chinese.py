"""Chinese words of time. A table: what each word is, not how words go together.

In simplified characters; `atoms.plain` makes traditional ones so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tandem.understanding.times.atoms import Lexicon
from tandem.understanding.times.values import Clock

_DAYS = {
    -4: "大大前天",
    -3: "大前天",
    -2: "前天|前日|前儿",
    -1: "昨天|昨日|昨儿|昨",
    0: "今天|今日|今儿|当天|当日|本日|今",
    1: "明天|明日|明儿|翌日|次日|名天|第二天|隔天就",
    2: "后天|后日|后儿",
    3: "大后天",
    4: "大大后天",
}
_DAYPARTS = {
    (0, "morning"): "今早|今晨|今天一早",
    (0, "evening"): "今晚|今夜|今儿晚上|当晚",
    (1, "morning"): "明早|明晨|明天一早|明儿早上|明儿一早",
    (1, "evening"): "明晚|明夜",
    (2, "morning"): "后早",
    (2, "evening"): "后晚",
    (-1, "evening"): "昨晚|昨夜",
    (-2, "evening"): "前晚",
    (-1, "morning"): "昨早",
}
_YEARS = {
    -3: "大前年",
    -2: "前年",
    -1: "去年|上年|上一年|昨年",
    0: "今年|本年|本年度|这年|这一年|当年",
    1: "明年|下年|来年|次年|下一年",
    2: "后年",
    3: "大后年",
}
_RELATIONS = {
    -2: "上上|上上个",
    -1: "上|上个|上一|上一个|前一|前一个|前个",
    0: "这|这个|本|当|该|今个|这一|这一个|同一|本个",
    1: "下|下个|下一|下一个|后一|后一个|来",
    2: "下下|下下个",
}
_PARTS = {
    "dawn": "凌晨|拂晓|黎明",
    "morning": "早上|早晨|清晨|清早|大清早|一早|一大早|早间|早|晨间|晨|早起",
    "forenoon": "上午|午前",
    "noon": "中午|午间|晌午|正午时分|午饭时间|午休",
    "afternoon": "下午|午后|下半天",
    "dusk": "傍晚|黄昏|傍黑|日落",
    "evening": "晚上|晚间|夜晚|晚|晚饭后|当晚|夜间",
    "night": "夜里|深夜|半夜|大半夜|后半夜|子夜|三更半夜|午夜",
    "daytime": "白天|日间",
}
# Words for the unit, as they stand after a number (个 included) and after 上, 下, 每.
_UNITS = {
    "second": "秒|秒钟",
    "minute": "分钟|分",
    "quarter-hour": "刻钟|刻",
    "hour": "小时|个小时|钟头|个钟头|h",
    "day": "天|日|晚|夜|宿|整天|昼夜|白天",
    "workday": "工作日|个工作日|交易日|个交易日",
    "week": "周|星期|个星期|礼拜|个礼拜|个周|整周",
    "weekend": "周末|个周末",
    "fortnight": "双周",
    "month": "个月|月|整月",
    "quarter": "季度|个季度|季|个季",
    "half": "半年|个半年",
    "year": "年|整年|周年|年度|载",
    "decade": "年代",
    "century": "世纪|个世纪",
}
_SEASONS = {
    "SP": "春天|春季|春",
    "SU": "夏天|夏季|夏",
    "FA": "秋天|秋季|秋",
    "WI": "冬天|冬季|冬",
}
_FEASTS = {
    "eversince": "自从|打从",
    "new-year": "元旦|元旦节|新年|公历新年|阳历新年",
    "new-year-eve": "跨年夜|公历除夕",
    "valentine": "情人节",
    "women": "妇女节|三八节|三八妇女节|女神节|国际妇女节",
    "tree": "植树节",
    "fools": "愚人节",
    "earth": "地球日",
    "labour": "劳动节|五一|五一劳动节|五一节|国际劳动节",
    "youth": "青年节|五四青年节",
    "mother": "母亲节",
    "children": "儿童节|六一|六一儿童节|国际儿童节",
    "father": "父亲节",
    "party": "建党节",
    "army": "建军节|八一建军节",
    "teacher": "教师节",
    "china-national": "国庆|国庆节|十一国庆节|国庆日",
    "halloween": "万圣节|万圣夜|万圣节前夜",
    "singles": "双十一|双11|光棍节",
    "thanksgiving": "感恩节",
    "black-friday": "黑色星期五|黑五",
    "christmas-eve": "平安夜|圣诞前夜|圣诞夜",
    "christmas": "圣诞|圣诞节",
    "good-friday": "耶稣受难日",
    "easter": "复活节",
    "laba": "腊八|腊八节",
    "little-new-year": "小年",
    "spring-eve": "除夕|大年三十|年三十|大年夜|除夕夜|年夜",
    "spring-festival": "春节|大年初一|年初一|农历新年|农历年|过年|正月初一",
    "lantern": "元宵|元宵节|正月十五|上元节",
    "qingming": "清明|清明节",
    "dragon-boat": "端午|端午节|端阳节|端阳",
    "qixi": "七夕|七夕节|乞巧节",
    "ghost": "中元节|鬼节|盂兰节",
    "mid-autumn": "中秋|中秋节|八月节",
    "double-ninth": "重阳|重阳节",
    "winter-solstice": "冬至",
    "summer-solstice": "夏至",
    "ramadan": "斋月",
    "eid-al-fitr": "开斋节",
    "eid-al-adha": "古尔邦节|宰牲节",
}
_ERAS = (
    "武德618 贞观627 永徽650 显庆656 龙朔661 麟德664 乾封666 总章668 咸亨670 上元674 仪凤676 调露679 永隆680 "
    "开耀681 永淳682 弘道683 嗣圣684 文明684 光宅684 垂拱685 永昌689 载初690 天授690 如意692 长寿692 延载694 "
    "证圣695 天册万岁695 万岁登封696 万岁通天696 神功697 圣历698 久视700 大足701 长安701 神龙705 景龙707 唐隆710 "
    "景云710 太极712 延和712 先天712 开元713 天宝742 至德756 乾元758 宝应762 广德763 永泰765 大历766 建中780 "
    "兴元784 贞元785 永贞805 元和806 长庆821 宝历825 大和827 太和827 开成836 会昌841 大中847 咸通860 乾符874 "
    "广明880 中和881 光启885 文德888 龙纪889 大顺890 景福892 乾宁894 光化898 天复901 天祐904 建隆960 乾德963 "
    "开宝968 太平兴国976 雍熙984 端拱988 淳化990 至道995 咸平998 景德1004 大中祥符1008 天禧1017 乾兴1022 天圣1023 "
    "明道1032 景祐1034 宝元1038 康定1040 庆历1041 皇祐1049 至和1054 嘉祐1056 治平1064 熙宁1068 元丰1078 元祐1086 "
    "绍圣1094 元符1098 建中靖国1101 崇宁1102 大观1107 政和1111 重和1118 宣和1119 靖康1126 建炎1127 绍兴1131 "
    "隆兴1163 乾道1165 淳熙1174 绍熙1190 庆元1195 嘉泰1201 开禧1205 嘉定1208 宝庆1225 绍定1228 端平1234 嘉熙1237 "
    "淳祐1241 宝祐1253 开庆1259 景定1260 咸淳1265 德祐1275 中统1260 至元1264 元贞1295 大德1297 至大1308 皇庆1312 "
    "延祐1314 至治1321 泰定1324 天历1328 至顺1330 元统1333 至正1341 洪武1368 建文1399 永乐1403 洪熙1425 宣德1426 "
    "正统1436 景泰1450 天顺1457 成化1465 弘治1488 正德1506 嘉靖1522 隆庆1567 万历1573 泰昌1620 天启1621 崇祯1628 "
    "天命1616 天聪1627 崇德1636 顺治1644 康熙1662 雍正1723 乾隆1736 嘉庆1796 道光1821 咸丰1851 同治1862 光绪1875 "
    "宣统1909 民国1912 中华民国1912"
)
_ZONES = {
    "Asia/Shanghai": "北京时间|上海时间|中国时间|国内时间",
    "Asia/Hong_Kong": "香港时间",
    "Asia/Taipei": "台北时间|台湾时间",
    "Asia/Singapore": "新加坡时间",
    "Asia/Tokyo": "东京时间|日本时间",
    "Asia/Seoul": "首尔时间|韩国时间",
    "Europe/London": "伦敦时间|英国时间",
    "Europe/Paris": "巴黎时间|法国时间",
    "Europe/Berlin": "柏林时间|德国时间",
    "Europe/Moscow": "莫斯科时间|俄罗斯时间",
    "Europe/Rome": "罗马时间|意大利时间|米兰时间",
    "Europe/Madrid": "马德里时间|西班牙时间|巴塞罗那时间",
    "Europe/Lisbon": "里斯本时间|葡萄牙时间",
    "Europe/Amsterdam": "阿姆斯特丹时间|荷兰时间|鹿特丹时间",
    "Europe/Zurich": "苏黎世时间|瑞士时间|日内瓦时间",
    "Europe/Stockholm": "斯德哥尔摩时间|瑞典时间",
    "Europe/Oslo": "奥斯陆时间|挪威时间",
    "Europe/Copenhagen": "哥本哈根时间|丹麦时间",
    "Europe/Warsaw": "华沙时间|波兰时间",
    "Europe/Istanbul": "伊斯坦布尔时间|土耳其时间",
    "Asia/Kolkata": "印度时间|孟买时间|新德里时间",
    "Asia/Bangkok": "曼谷时间|泰国时间",
    "Asia/Jakarta": "雅加达时间|印尼时间",
    "Asia/Ho_Chi_Minh": "越南时间|河内时间",
    "Asia/Kuala_Lumpur": "吉隆坡时间|马来西亚时间",
    "Africa/Cairo": "开罗时间|埃及时间",
    "Africa/Johannesburg": "南非时间|约翰内斯堡时间",
    "America/Sao_Paulo": "圣保罗时间|巴西时间|巴西利亚时间",
    "America/Mexico_City": "墨西哥时间|墨西哥城时间",
    "America/Toronto": "多伦多时间",
    "America/Vancouver": "温哥华时间",
    "America/Denver": "丹佛时间|山地时间",
    "Pacific/Auckland": "奥克兰时间|新西兰时间",
    "America/New_York": "纽约时间|美东时间|东部时间|美国东部时间|波士顿时间",
    "America/Chicago": "芝加哥时间|美中时间",
    "America/Los_Angeles": "洛杉矶时间|美西时间|西部时间|太平洋时间|旧金山时间|西雅图时间|加州时间",
    "Australia/Sydney": "悉尼时间|墨尔本时间",
    "Asia/Dubai": "迪拜时间",
    "UTC": "格林威治时间|格林尼治时间|世界时|utc|gmt",
}
_SMALL = {
    "de": "的|之|当中的",
    "year": "年",
    "month": "月|月份",
    "day": "日|号",
    "comma": ",|，|、",
    "dash": "-|－",
    "to": "到|至|~|直到|一直到|到了",
    "now": "现在|今|此刻",
    "from": "从|自|由|打",
    "and": "和|与|跟|及|以及|、",
    "between": "介于|在|从",
    "amid": "之间|间|期间|中间",
    "point": "点|点钟|时|點",
    "whole": "整|钟|正",
    "half": "半",
    "quarter": "刻|刻钟",
    "minute": "分|分钟",
    "second": "秒|秒钟",
    "lacking": "差|还差",
    "past": "过|零|又|〇",
    "ordinal": "第",
    "piece": "个",
    "eversince": "自从|打从",
    "new-year": "大年|新年|春节",
    "lunar": "农历|阴历|旧历|夏历|农历的",
    "first": "初",
    "twenty": "廿|念",
    "leap": "闰",
    "about": "大约|大概|约|差不多|将近|接近|大致",
    "orso": "左右|上下|前后|许|来钟",
    "every": "每|每个|每一|每一个|每逢|逢|每到|各",
    "skip": "每隔|隔|每间隔|每相隔",
    "ago": "前|之前|以前|前的|之前的|以前的",
    "hence": "后|之后|以后|过后|后的|之后的|以后的",
    "within": "内|之内|以内|里|里面|中",
    "before": "前|之前|以前|前面|之前的",
    "until": "及以前|及之前|或之前|或以前|或更早|为止|截止|之前截止|前截止",
    "since": "起|开始|以来|及以后|及之后|或之后|或以后|或更晚|起的|后开始|之后开始|以来的|开始的",
    "after": "后|之后|以后|过后|之后的|以后的",
    "till": "截至|截止|截止到|截至到|直到|到",
    "asof": "截至|截止到|截至到|直到|不晚于|不迟于|最晚|最迟",
    "only": "只|仅",
    "more": "又|零|外加|加|另",
    "and-a-bit": "多|余",
    "last-one": "最后一|最后1",
    "final": "最后|末|最末",
    "front": "前|头|最前|最前面",
    "years": "年代",
    "century": "世纪",
    "starting": "从|自|由",
    "at": "的",
    "in": "的|在",
    "all": "整|全|一整",
    "weekword": "周|星期|礼拜",
}
_RUNS = {
    -1: "过去|过去的|前|之前|近|最近|最近的|以往|往前|刚过去的|此前|上",
    1: "未来|未来的|接下来|接下来的|今后|今后的|后|之后|往后|后面|将来|下|随后|随后的|接着的|后续",
}
_EDGES = {"start": "初|开头|头", "middle": "中|中间", "end": "底|末|尾|末尾"}
_TEN_DAYS = {1: "上旬", 11: "中旬", 21: "下旬"}
_NOW = "现在|目前|当前|此刻|此时|此时此刻|眼下|当下|这会儿|眼前"
_SOON = "马上|立刻|立即|立马|即刻|尽快|赶紧|稍后|待会|待会儿|一会儿|等会儿"
_RECENT = "刚才|刚刚|方才"
_LATELY = "最近|近来|近日|前不久|不久前"


def _entries() -> Iterator[tuple[str, str, Any]]:
    tables: tuple[tuple[dict[Any, str], str], ...] = (
        (_DAYS, "DAYOFFSET"),
        (_DAYPARTS, "DAYPARTWORD"),
        (_YEARS, "YEARWORD"),
        (_RELATIONS, "REL"),
        (_PARTS, "PARTWORD"),
        (_UNITS, "UNIT"),
        (_SEASONS, "SEASON"),
        (_FEASTS, "FEAST"),
        (_ZONES, "ZONE"),
        (_RUNS, "RUN"),
        (_EDGES, "EDGE"),
        (_TEN_DAYS, "TENDAYS"),
    )
    for table, symbol in tables:
        for key, phrases in table.items():
            for phrase in phrases.split("|"):
                yield phrase, symbol, key
    for symbol, phrases in _SMALL.items():
        for phrase in phrases.split("|"):
            yield phrase, symbol, None
    for symbol, phrases in (
        ("NOW", _NOW),
        ("SOON", _SOON),
        ("RECENT", _RECENT),
        ("LATELY", _LATELY),
    ):
        for phrase in phrases.split("|"):
            yield phrase, symbol, 0
    for era in _ERAS.split():
        name = era.rstrip("0123456789")
        yield name, "ERA", int(era[len(name) :])
    yield from _weekdays()
    yield from _others()


def _weekdays() -> Iterator[tuple[str, str, Any]]:
    for number, names in enumerate(("一1", "二2", "三3", "四4", "五5", "六6", "日天7")):
        for name in names:
            for week in ("周", "星期", "礼拜"):
                yield week + name, "WDAY", number
            yield name, "WDAYTAIL", number
    for phrase in ("工作日", "平日", "上班日", "周一到周五", "周一至周五", "星期一到星期五"):
        yield phrase, "WORKDAYS", 0
    for phrase in ("周末", "周六日", "双休日", "周六周日"):
        yield phrase, "WEEKEND", 0


_PAIRS: dict[str, dict[Any, str]] = {
    "NIGHTLY": {"evening": "每晚", "morning": "每早", "night": "每夜"},
    "ALTERNATE": {"day": "隔天|隔日", "week": "隔周", "month": "隔月", "year": "隔年"},
    "HALFYEAR": {1: "上半年|前半年|头半年", 2: "下半年|后半年"},
    "HALFMONTH": {
        1: "上半月|前半月|前半个月|上半个月",
        2: "下半月|后半月|后半个月|下半个月",
    },
    "MONTHEDGE": {"start": "月初|月头", "middle": "月中", "end": "月底|月末|月尾"},
    "YEAREDGE": {"start": "年初|年头", "middle": "年中", "end": "年底|年末|年尾|岁末"},
    "WEEKEDGE": {"start": "周初", "middle": "周中", "end": "周底"},
    "LUNARMONTH": {1: "正月", 11: "冬月", 12: "腊月"},
    "QUARTER": {1: "q1", 2: "q2", 3: "q3", 4: "q4"},
    "COUNT": {3: "几|数|若干"},
    "INT": {2: "俩", 3: "仨"},
    "FIRSTYEAR": {1: "元"},
    "CLOCK": {Clock(0): "零点|午夜|零时", Clock(12): "正午"},
}


def _others() -> Iterator[tuple[str, str, Any]]:
    for symbol, table in _PAIRS.items():
        for value, phrases in table.items():
            for phrase in phrases.split("|"):
                yield phrase, symbol, value


LEXICON = Lexicon(_entries())
