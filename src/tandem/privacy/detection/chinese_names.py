"""Chinese names by what stands around them: a label before, a form of address behind.

A name of two or three characters has no mark of its own. Where neither is near, the tagger and the
private dictionary must know it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tandem.personal import Around, Finding, Kind
from tandem.privacy.detection.view import View
from tandem.privacy.detection.words import is_everyday

# The hundred most frequent family names and some two hundred more, by the census's order.
FAMILIES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊"
    "金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢岳齐"
    "梅莫庄辛管祝左涂谷祁时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴车华肖"
    "滕穆危全简饶房闫佟戚桑冷娄晏池练花年米原匡喻艾冼麦符连褚涂官古母苟蒲乌窦宫敖"
)
COMPOUND_FAMILIES = "欧阳|司马|上官|诸葛|司徒|慕容|皇甫|尉迟|东方|夏侯|令狐|端木|南宫|长孙|宇文|独孤|轩辕|公孙|申屠|澹台|闻人|东郭|百里|呼延|张简|范姜"
_TITLES = (
    "先生|女士|小姐|太太|老师|老板|经理|总监|总经理|董事长|总裁|主任|主管|教授|博士|医生|大夫|护士|医师|律师|师傅|同学|同志|阿姨|叔叔|大爷|大妈|"
    "爷爷|奶奶|伯伯|姐姐|哥哥|队长|班长|校长|院长|局长|处长|科长|部长|市长|省长|书记|秘书|助理|会计|工程师|教练|司机|店长|厂长|所长|站长|"
    "导演|编辑|记者|法官|警官|总(?![是会要得有共体之结计分数额量监能能部算站台觉])|工(?=[，。、：:,\\s）)说在的和跟来去要]|$)|姐(?!妹)|哥(?!们)"
)
# Characters that given names are mostly made of, and those that write foreign names.
_GIVEN_NAMES = frozenset(
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂红玉梅华建国文辉力永健世广志义兴良海山仁波宁贵福生龙元全胜学祥才发武新利清飞彬富顺信子昌成康星光天达"
    "安岩中茂进林有坚和彪博诚先敬震振壮会思群豪心邦承乐绍功松善厚庆民友裕河哲江浩亮政谦亨奇固之轮翰朗伯宏言若鸣朋斌梁栋维启克伦翔旭鹏泽晨辰士以家致树炎德行时泰"
    "琛钧冠策腾楠榕风航弘嘉琼勤珍贞莉香月莺媛艾瑞凡佳琪雅欣怡婷雯洁薇倩雪蕾诗涵梓轩宇睿萱妍琳晓璐颖馨瑶悦可心然依梦语彤舒卉萌丹蓉露岚珊莎锦黛青颜云莲真环荣爱妹"
    "竹霭凝晴希纯毓滢筠柔枫芸菲寒伊亚宜姬舒影荔枝菊翠俊峰铭鑫淼川潇恒昊焱骏驰烨煜皓然沐阳子墨奕景宸恩桐婉蝶"
)
_SOUNDS = (
    "阿埃艾安奥巴贝比波布达戴德迪杜多尔法菲弗福盖格戈古哈赫霍基杰卡凯科克库拉莱兰劳雷里丽利列林琳卢鲁伦罗洛马玛迈曼梅米莫纳娜内尼诺欧帕佩皮普奇乔切茹萨塞莎沙山桑舍什史斯苏索塔泰坦特托"
    "瓦威韦维温沃乌西希夏谢辛雅亚扬耶伊尤约扎泽珍朱祖仁次吉卓旺顿丹古"
)
_TRANSCRIBED = re.compile(f"[{_SOUNDS}]{{3,6}}")
_JAPANESE = re.compile(
    "(?:佐藤|铃木|高桥|田中|渡边|伊藤|山本|中村|小林|加藤|吉田|山田|佐佐木|山口|松本|井上|木村|清水|斋藤|阿部|桥本|石川|前田|藤田|冈田|后藤|长谷川|村上|近藤|石井|坂本|远藤|青木|藤井|"
    "西村|福田|太田|三浦|藤原|松田)[\u3400-\u9fff]{1,3}"
)
# "约翰·史密斯": a point between is written in foreign names alone.
_MORE_SOUNDS = f"{_SOUNDS}密居纽汉森逊登宾柏琼朗廉汤姆亨詹翰杰逊堡恩根果海华吾买提木热依不都江拜孜合曼力古勒图加冈博伯彼保罗嘉蒂黛妮姬"
_WITH_POINT = re.compile(f"[{_MORE_SOUNDS}]{{1,8}}(?:[·•‧・∙][{_MORE_SOUNDS}]{{1,10}}){{1,4}}")
_SPACED = re.compile(
    f"(?<![\u3400-\u9fff])(?P<name>(?:{COMPOUND_FAMILIES}|[{FAMILIES}])"
    "(?:[—–-][\u3400-\u9fff]{2}|(?:[ \u3000—–-][\u3400-\u9fff]){1,2}))"
    "(?![ —–-][\u3400-\u9fff](?![\u3400-\u9fff]))"
)
_CALLED = frozenset("小老阿大")
_NOBODY = frozenset(
    "小时 小心 小学 小说 小米 小麦 小车 小费 小路 小康 小雷 小家 小明星 小国 小龙虾 老师 老路 老家 老龙 老花 老年 大家 大学 大会 大方 大连 大路 大车 大雷 大国 大力 大江 大海 大康 大胆 大全 "
    "大军 大庆 大明 大金 大石 大水 大时 大麦 大米 大成 大爱 大志 大局 大同 大和 大山 大地 大自 大云 大树 大龙 阿里 小天 小子 小山 小河 小树 大树 小星 大天 大河 大红 小红书 老天 老子 老兴".split()
)
_NOT_IN = "的了吧吗呢啊是在说请对和与跟给把被让向到从这那你我他她您它们不没有会要就都也还很，。"
_GIVEN = "[\u3400-\u9fff]"
_FAMILY = f"(?:{COMPOUND_FAMILIES}|[{FAMILIES}])"
_TITLED = re.compile(
    f"(?<![\u3400-\u9fff])(?P<alone>{_FAMILY}{_GIVEN}{{0,2}}?)(?:{_TITLES})"
    f"|(?P<inside>(?:{COMPOUND_FAMILIES}|[{FAMILIES}])(?:(?![{_NOT_IN}]){_GIVEN}){{0,2}}?)(?:{_TITLES})"
)
_LABELS = (
    "姓名|名字|联系人|收件人|寄件人|收货人|发货人|发件人|联络人|负责人|经办人|申请人|签名|签字|客户|患者|病人|乘客|乘车人|旅客|投保人|被保险人|持卡人|户主|"
    "法人|法定代表人|监护人|家长|学生|学员|员工|我叫|他叫|她叫|名叫|叫做|本人|收款人|付款人|预约人|入住人|就诊人|紧急联系人|同事|主治医生"
)
_LABELLED = re.compile(
    f"(?:{_LABELS})(?:姓名)?(?:\\s?[:：=|]\\s?|\\s|[\"'“”‘’「『（(【\\[]|是|为|叫|改成|改为|就是|写成|to\\s|is\\s|\\s?→\\s?){{0,5}}"
    f"(?P<name>(?:{COMPOUND_FAMILIES})(?:(?![{_NOT_IN}]){_GIVEN}){{1,2}}|[{FAMILIES}](?:(?![{_NOT_IN}]){_GIVEN}){{1,2}})"
    "(?![\u3400-\u9fff]{4,})"
)
# "Everyone", "the teacher" and the like, which begin with a character that is a family name too.
_EVERYDAY = frozenset(
    """任何 方法 安全 高兴 马上 温度 成为 常常 文件 经理 白天 黄色 金额 石油 江水 向左 万一 周末 平时 时间 年龄 和平 项目 单位 关于 包括 全部 解决
    强调 房间 简单 路线 花园 原因 官方 古代 米饭 车辆 华为 应该 国家 大家 各位 老师 同学 高级 首席 资深 万能 白领 金牌 管家 常务 任课 班主 关注
    何时 何处 何必 何况 何以 何等 何止 盛夏 盛大 盛世 时而 时刻 时常 时才 向来 向上 方才 于是 易于 万万 包裹""".split()
)


class ChineseNameRecognizer:
    """Chinese names by label and title."""

    def find(self, view: View, around: Around) -> Iterator[Finding]:
        """Each name that its surroundings announce."""
        text = view.text
        for match in _LABELLED.finditer(text):
            yield from _name(match, "name", 0.9, "the words before it")
        for match in _TITLED.finditer(text):
            group = "alone" if match["alone"] else "inside"
            yield from _name(match, group, 0.8, "a form of address behind it")

        for match in _WITH_POINT.finditer(text):
            key = f"{Kind.PERSON}:{match[0]}"
            yield Finding(*match.span(), Kind.PERSON, key, 0.8, "a point between two names")
        for match in _SPACED.finditer(text):
            name = re.sub(r"[^\u3400-\u9fff]", "", match["name"])
            if is_likely(Kind.PERSON, name):
                key = f"{Kind.PERSON}:{name}"
                yield Finding(
                    *match.span("name"), Kind.PERSON, key, 0.7, "a name in single characters"
                )


def _name(match: re.Match[str], group: str, score: float, reason: str) -> Iterator[Finding]:
    name = match[group]
    if _is_word(name) or _is_word(match.string[match.start(group) : match.end()]):
        return
    title = match.end() - match.end(group)
    if group != "name" and title == 1 and len(name) == 2 and name[1] not in _GIVEN_NAMES:
        return  # "加工" is no form of address
    if name[:2] not in _EVERYDAY and name not in _EVERYDAY:
        yield Finding(*match.span(group), Kind.PERSON, f"{Kind.PERSON}:{name}", score, reason)


_ORGANISATION_END = re.compile(
    r"(?:公司|集团|大学|学院|学校|中学|小学|幼儿园|医院|诊所|银行|证券|保险|酒店|宾馆|餐厅|饭店|超市|商场|书店|药店|咖啡馆|工作室|研究所|研究院|实验室|"
    r"出版社|报社|电视台|法院|检察院|派出所|公安局|委员会|协会|基金会|俱乐部|事务所|中心|厂|局|部|处|所|社|店|馆)$"
)
_PLACE = re.compile(
    r"(?:北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|"
    r"西藏|宁夏|新疆|香港|澳门|广州|深圳|杭州|南京|成都|武汉|西安|苏州|长沙|郑州|青岛|大连|厦门|宁波|昆明|合肥|福州|济南|沈阳|哈尔滨|长春|石家庄|太原|南昌|贵阳|"
    r"南宁|海口|兰州|银川|西宁|拉萨|乌鲁木齐|呼和浩特|台北|新北|高雄|台中|台南|桃园|新竹|九龙|珠海|佛山|东莞|无锡|常州|温州|绍兴|嘉兴|泉州|烟台|潍坊|洛阳|开封|"
    r"宜昌|岳阳|桂林|丽江|大理|三亚|扬州|徐州|美国|英国|法国|德国|日本|韩国|新加坡|东京|纽约|伦敦|巴黎|首尔)"
    r"|[\u3400-\u9fff]{1,5}(?:省|市|区|县|镇|乡|村|湖|山|岛|路|街)$"
)
_ADDRESS = re.compile(r"[路街巷弄道号区县市村镇栋室]")
_FULL_NAME = re.compile(f"(?:{COMPOUND_FAMILIES}|[{FAMILIES}])(?:(?![{_NOT_IN}]){_GIVEN}){{1,2}}")
_COMPOUND = re.compile(f"(?:{COMPOUND_FAMILIES})[\u3400-\u9fff]")
_NO_GIVEN = re.compile(
    "[去来做看听写买卖吃喝打开关走跑个次天年月日上下时些种样着过得地么什哪谁怎请问]"
)


def _is_word(text: str) -> bool:
    """Whether an everyday word begins with a family name as this does."""
    return text in _EVERYDAY or (text[:1] in FAMILIES and is_everyday(text))


def is_likely(
    kind: Kind, words: str, around: tuple[str, str] = ("", ""), score: float = 0.79
) -> bool:
    """Whether simplified Chinese `words` can be of this kind at all. The tagger reads characters
    and knows few words; what it takes for a name must be built like one.

    `around`: the characters before and behind; `score`: how sure the tagger is, 0..1.
    """
    if kind is Kind.PERSON:
        return _is_person(words, *around, score)
    if kind is Kind.ORGANISATION:
        return len(words) > 2 and _ORGANISATION_END.search(words) is not None
    if kind is Kind.PLACE:
        return _PLACE.match(words) is not None
    if kind is Kind.ADDRESS:
        return len(words) > 3 and _ADDRESS.search(words) is not None
    return False


def name_within(words: str, around: tuple[str, str], score: float) -> tuple[int, int]:
    """Where in `words`, which the tagger takes for a person, a likely name stands; (0, 0): nowhere.

    A verb behind or a "and" before is easily taken along: 陈晨会 is 陈晨.
    """
    size = len(words)
    before, behind = around
    if size == 1 and words in FAMILIES and not is_likely(Kind.PERSON, words, around, score):
        # A family name alone is none: the given name was not seen as one. Too much is covered
        # rather than too little.
        given = _GIVEN_BEHIND.match(behind)
        end = 1 + len(given[0]) if given else 1
        return (0, end) if _is_person((words + behind)[:end], "", "", score) else (0, 0)
    for start in range(len(words) - len(words.lstrip(_NOT_IN)), -1, -1):
        for end in range(size, start + (size > 1), -1):
            near = (before + words[:start], words[end:] + behind)
            if is_likely(Kind.PERSON, words[start:end], near, score):
                return start, end + _more_of(words[start:end], near[1])
    return 0, 0


def _more_of(name: str, behind: str) -> int:
    """How many of the characters behind belong to a foreign name that was not seen whole."""
    if _JAPANESE.fullmatch(name):
        return behind[:1] in "郎子美" and len(behind) > 0
    if not _TRANSCRIBED.fullmatch(name):
        return 0
    return len(behind) - len(behind.lstrip(_SOUNDS))


def _begins_a_word(words: str, behind: str) -> bool:
    """Whether an everyday word of three characters or more stands where a name was seen, as 龙卷风
    does in 龙卷风来 and 史无前例 where 史无前 was.
    """
    whole = words + behind
    return any(_is_word(whole[:size]) for size in range(3, len(whole) + 1))


def is_given_name(words: str) -> bool:
    """Whether two simplified characters may be a given name alone."""
    return len(words) == 2 and _GIVEN_NAMES.issuperset(words) and not _is_word(words)


def _is_person(words: str, before: str, behind: str, score: float) -> bool:
    if len(words) == 1:
        called = before[-1:] + words
        is_called = before[-1:] in _CALLED and called not in _NOBODY
        is_called = is_called and (words in FAMILIES or words in _GIVEN_NAMES)
        return is_called or (words in FAMILIES and _TITLE.match(behind) is not None)
    if _FULL_NAME.fullmatch(words):
        if score < _LIKELY or (score < _VERY_SURE and _begins_a_word(words, behind)):
            return False
        if score < _DOUBTLESS and (_NO_GIVEN.search(words[1:]) or _is_word(words[1:])):
            return False
        if not _is_word(words[:2]) or _COMPOUND.match(words):
            return True
        # Some are called like a word, "Peace" or "Snow"; many begin with one.
        return (
            score > _VERY_SURE if len(words) == 2 else score > _LIKELY and words[2] in _GIVEN_NAMES
        )
    if score < _SURE:
        return False
    return is_given_name(words) or any(form.fullmatch(words) for form in (_TRANSCRIBED, _JAPANESE))


_TITLE = re.compile(_TITLES)
_GOES_ON = frozenset("才会之可然以家行时有固和进发成立生学子心")  # a sentence, rather than a name
_LIKELY, _SURE, _DOUBTLESS, _VERY_SURE = 0.75, 0.8, 0.92, 0.985
_GIVEN_BEHIND = re.compile(f"(?:(?![{_NOT_IN}]){_GIVEN}){{1,2}}")
