"""Chinese names by what stands around them: a label before, a form of address behind.

A name of two or three characters has no mark of its own. Where neither is near, the tagger and the
private dictionary must know it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from importlib import resources

from tandem.personal import Around, Finding, Kind
from tandem.privacy.detection.view import View

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
    "导演|编辑|记者|法官|警官|总(?![是会要得有共体之结计分数额量监能能部算站台觉])|工(?=[，。、：:,\\s）)]|$)|姐(?!妹)|哥(?!们)"
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
    强调 房间 简单 路线 花园 原因 官方 古代 米饭 车辆 华为 应该 国家 大家 各位 老师 同学 高级 首席 资深 万能 白领 金牌 管家 常务 任课 班主 关注""".split()
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


def _name(match: re.Match[str], group: str, score: float, reason: str) -> Iterator[Finding]:
    name = match[group]
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


@functools.cache
def _everyday() -> frozenset[str]:
    """Words that begin with a family name, from jieba's word list (MIT)."""
    file = resources.files("tandem.privacy.detection") / "everyday.txt"
    return frozenset(file.read_text(encoding="utf-8").split()) | _EVERYDAY


def is_likely(kind: Kind, words: str) -> bool:
    """Whether simplified Chinese `words` can be of this kind at all. The tagger reads characters
    and knows few words; what it takes for a name must be built like one.
    """
    if kind is Kind.PERSON:
        return (
            _FULL_NAME.fullmatch(words) is not None
            and not _NO_GIVEN.search(words[1:])
            and (words[:2] not in _everyday() or _COMPOUND.match(words) is not None)
            and words[1:] not in _everyday()
        )
    if kind is Kind.ORGANISATION:
        return len(words) > 2 and _ORGANISATION_END.search(words) is not None
    if kind is Kind.PLACE:
        return _PLACE.match(words) is not None
    if kind is Kind.ADDRESS:
        return len(words) > 3 and _ADDRESS.search(words) is not None
    return False
