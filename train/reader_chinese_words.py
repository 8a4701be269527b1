"""Chinese words to fill patterns with: people, titles, times, references to what is in the stores."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache

from train import reader_rows

SURNAMES = list(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严武戴莫孔向汤"
)
GIVEN = """伟|芳|娜|敏|静|丽|强|磊|军|洋|勇|艳|杰|娟|涛|明|超|霞|平|刚|桂英|志强|建国|思远|嘉言|雨桐|子涵|浩然|梓萱|欣怡|雪|婷|宁|畅|文|俊|浩|皓|晨|曦|悦|琳|倩|雯|佳|立|凯|博|宇|轩|阳|一诺|诗涵|可可|小满|乐乐|晓东|海燕
春梅|国庆|志远|天宇|若曦|子墨|语嫣|瑞|鑫|鹏|飞|云|莉|颖|蕾|丹|萍|红|兰|慧|巧|美|秀|英|华|玉|秋|冬梅|晓|昊|然|昕|妍|彤|萌""".replace(
    "\n", "|"
).split("|")
TITLES_OF = [
    "总",
    "经理",
    "老师",
    "医生",
    "主任",
    "工",
    "教练",
    "阿姨",
    "叔叔",
    "律师",
    "教授",
    "姐",
    "哥",
    "师傅",
    "局",
    "书记",
]
RELATIONS = """妈妈|我妈|爸爸|我爸|老婆|老公|我老婆|姐姐|我姐|哥哥|弟弟|妹妹|奶奶|外婆|爷爷|姥姥|舅舅|姑姑|房东|老板|我老板|领导|物业|客服|班主任|中介|健身教练|牙医|保洁阿姨|孩子老师|同事|组里|团队|全组|项目组|大家|财务|人事|行政|IT服务台|前台|律师|会计|装修师傅""".split(
    "|"
)
ORGS = """云帆|青禾|浩信|明灯|产品早读|光镜|星河|远山|蓝鲸|小麦|拾光|知行|梧桐里|云鹤航空|海棠|北辰|天街|橙子科技|银杏|松果|极光|白鹭|青石|万象|招行|建行|顺风快递|12306|京东|书店|健身房|牙科|医院|学校|物业|银行|保险公司|设计院|研究院|出版社|电力公司|运营部|市场部|财务部|研发部|技术周刊|读书会""".split(
    "|"
)
PLACES = """公司|家里|会议室|三号会议室|A座|大会议室|星巴克|楼下咖啡厅|学校|医院|人民医院|口腔医院|健身房|体育馆|图书馆|万达|国贸|三里屯|虹桥站|北京南站|首都机场|浦东机场|高铁站|徐汇那家川菜馆|海底捞|老地方|日料店|西湖边|公园|电影院|大剧院|博物馆|外婆家|我家|爸妈家|酒店大堂|线上|腾讯会议|zoom|二楼|301|会客室|湖滨路|南京西路|咖啡馆|茶馆|火锅店|幼儿园|少年宫""".split(
    "|"
)
TOWNS = """北京|上海|广州|深圳|杭州|成都|南京|武汉|西安|重庆|京都|东京|大阪|伦敦|纽约|巴黎|柏林|新加坡|香港|台北|首尔|悉尼|旧金山|苏州|青岛|厦门|三亚|大理|长沙|天津|洛杉矶|温哥华""".split(
    "|"
)
ACTIVITIES = """看牙|牙医|体检|理发|剪头发|瑜伽|游泳|健身|私教|私教课|钢琴课|英语课|英语口语课|画画课|晨会|周会|例会|站会|评审|需求评审|设计评审|回归测试评审|技术评审|复盘|复盘会|项目启动会|版本排期会|排期会|培训|面试|用户访谈|电话会|视频会议|董事会|季度汇报|月度经营会|述职|部门会|一对一|预算会|客户拜访|签约|发布会|分享会|读书会|头脑风暴|方案讨论|代码评审|上线|值班
吃饭|午饭|晚饭|早餐|下午茶|喝咖啡|聚餐|团建|聚会|生日会|生日聚餐|婚礼|满月酒|家长会|毕业典礼|演唱会|话剧|看电影|看话剧|音乐会|展览|看展|爬山|跑步|打球|打羽毛球|篮球赛|踢球|骑行|露营|钓鱼|打麻将|逛街|接孩子|送孩子上学|看房|搬家|装修|验房|保养车|年检|打疫苗|复查|看医生|拿药|产检|取快递|交房租|报税|办签证|面签|出差|去北京|飞上海|回家|航班|火车|酒店入住|拍全家福|拍照|彩排|排练|考试|讲座|答辩|开题|写日报|对数据|过数据|专注时间|写方案|做PPT|回老家看爷爷|扫墓|团圆饭|年会|路演|品鉴会|直播""".replace(
    "\n", "|"
).split("|")
WITHACT = """吃饭|吃个饭|吃午饭|吃晚饭|喝咖啡|喝茶|开会|开个会|见面|见一下|聊聊|聊一下项目|过一下数据|过一下方案|对数据|对一下进度|对需求|讨论方案|讨论预算|看电影|看话剧|打球|打羽毛球|爬山|逛街|面谈|面试|通话|打电话|视频|电话会|签合同|复盘|谈合同|过一下首页设计|一对一|聚一聚|聚餐|看房|碰一下|碰个头|对接|过稿子|彩排|汇报""".split(
    "|"
)
TOPICS = """报销|预算|合同|发票|房租|排期|首页设计|会员方案|方案|体检报告|周报|季度总结|积分商城|招聘|团建|停水|账单|信用卡账单|机票|行程单|快递|物流|装修|体检|保险|工资条|绩效|年假|会议纪要|周活数据|数据|报价|短信价格|需求文档|简历|培训|停车|物业费|电费|旅行|签证|幼儿园|学费|音乐会|门票|版本发布|测试|上线计划|用户访谈|合作|续租|聚餐|生日|礼物|航班变更|酒店预订|系统升级|密码""".split(
    "|"
)
TODOS = """给{who}打电话|给{who}回电话|给{who}发{topic}|交房租|交电费|交{topic}|还信用卡|买菜|买牛奶|买月饼|买{goods}|取{goods}|拿{goods}|带{goods}|带身份证和照片|带{goods}和{goods}|订酒店|订机票|订蛋糕|订餐厅|写周报|写日报|写{topic}|改{topic}|提交{topic}|打印{topic}|打印讲义|看{topic}|准备{topic}|准备会议材料|整理{topic}|报销|开发票|续签合同|预约体检|预约{what}|吃药|喝水|浇花|遛狗|喂猫|倒垃圾|洗衣服|收衣服|关窗|拍全家福|寄{goods}|退{goods}|还书|还{goods}给{who}|充电|充电宝充电|换机油|备份电脑|缴费|取快递|接孩子|接{who}|送{who}去机场|发{topic}给{who}|找{who}签字|问{who}{topic}的事|催{who}{topic}|联系{who}|检查{topic}|核对{topic}|回复{who}|给{who}买礼物|报名{what}|取消{what}|抢票|修{goods}|换{goods}|查{topic}""".split(
    "|"
)
GOODS = """牛奶|鸡蛋|面包|水果|蛋糕|鲜花|充电器|充电宝|护照|身份证|合同|雨伞|钥匙|门禁卡|快递|包裹|药|电池|打印纸|咖啡|茶叶|礼物|书|自行车|灯泡|洗衣液|猫粮|狗粮|尿布|奶粉|电脑|相机|样品|U盘|衣服|鞋子|被子|名片|资料""".split(
    "|"
)
FACTS = """后台改版先不做签到功能，等下半年|家里wifi密码是88886666|备用钥匙在鞋柜第二层|车停在B2层{num}号|{who}对花生过敏|{who}喜欢喝拿铁|{topic}要先找{who}签字|门禁密码改成{num}了|客户预算上限{num}万|{what}的场地还没定|下次{what}带上{goods}|阳台的灯泡型号是E27|{who}的鞋码是38|空调滤网三个月换一次|猫粮还剩两袋|打印机在三楼|这周先做{topic}，{what}往后放|灵感：做一个{topic}的小程序|{topic}的负责人换成{who}了|油漆颜色用浅灰|牛肉面要少放盐|{who}推荐的书叫长安的荔枝|绿萝一周浇一次水|发票抬头是青禾科技|首页按钮颜色太浅|{what}取消{num}次了|租金谈到{num}""".split(
    "|"
)
BODIES = """我知道了|收到了|收到，谢谢|看到了，回头细说|初稿月底前给你|我晚到十分钟|我今天晚点到|后天上午我去找你|会议改到三点了|能不能给个折扣|没问题|可以的|同意|就按这个来|我同意按新价格续签|下周二不用过来了|这个时间可以|那个时间可以，我们来八个人|请把合同再发一遍|请尽快确认|封面的字号有点小|我们改天再约|抱歉，那天我有事|明天的会我参加不了|材料已经准备好了|发票收到了，谢谢|报价有点高|我再考虑一下|下周给你答复|数据已经更新|辛苦了|生日快乐|祝面试顺利|我在路上了|帮我留一份|麻烦把{topic}发我|{topic}已经弄好了|{topic}有几个问题想请教|{what}取消了|{what}改到{when}|{when}我有空|{when}见|{when}之前给你{topic}|我带{goods}过去|{who}也会参加|我们一共{num}个人|看看这个靠不靠谱|请帮忙看一下|请查收|按{num}块报|{topic}先不做了|明天一起吃饭吧|路上堵车，晚到半小时|合同我签好了|快递到了|款已经付了|请假一天，身体不舒服|需要再补一张发票""".split(
    "|"
)
CLAUSES = """能不能便宜一些|什么时候方便|周五能不能来|合同签了没有|{topic}什么时候给|报价包不包税|能不能早点到|{what}还开不开|几个人来|要不要带{goods}|他的生日|帮忙|{topic}好了没有|有没有空""".split(
    "|"
)
WEEK = "一二三四五六日天"
NUMBERS = "一 两 三 四 五 六 七 八 九 十 十一 十二".split()


def _name(rng: random.Random) -> str:
    return rng.choice(SURNAMES) + rng.choice(GIVEN)


def person(rng: random.Random) -> str:
    return rng.choice((
        _name(rng), _name(rng), _name(rng), rng.choice(SURNAMES) + rng.choice(TITLES_OF), rng.choice(RELATIONS), rng.choice(RELATIONS),
        rng.choice("小老阿") + rng.choice(SURNAMES), rng.choice(GIVEN[-60:]), rng.choice(GIVEN) + rng.choice(("子", "哥", "姐", "")),
        f"{rng.choice(ORGS)}的{rng.choice(SURNAMES)}{rng.choice(TITLES_OF)}", f"做{rng.choice(TOPICS)}那个{_name(rng)}", f"{rng.choice(ORGS)}的{_name(rng)}",
        rng.choice(("Emma", "Tina", "Daniel", "Mia", "Kevin", "Lisa", "Jack", "emma", "Tom", "David", "Amy", "Linda")), f"{_name(rng)}他爸妈",
    ))  # fmt: skip


def people(rng: random.Random) -> str:
    return rng.choice(
        (
            person(rng),
            person(rng),
            person(rng),
            person(rng),
            f"{person(rng)}和{person(rng)}",
            f"{person(rng)}、{person(rng)}",
            "他",
            "她",
            "他们",
        )
    )


def clock(rng: random.Random) -> str:
    part = rng.choice(
        ("", "", "早上", "上午", "中午", "下午", "下午", "晚上", "傍晚", "早", "晚", "凌晨", "明早")
    )
    hour = rng.choice((*NUMBERS, str(rng.randint(1, 12))))
    return rng.choice((
        f"{part}{hour}点", f"{part}{hour}点", f"{part}{hour}点半", f"{part}{hour}点一刻", f"{part}{hour}点三刻", f"{part}{hour}点{rng.choice(('十', '二十', '四十', '五十'))}分",
        f"{rng.randint(0, 23)}:{rng.choice(('00', '15', '30', '45'))}", f"{part}{rng.randint(1, 12)}点{rng.choice(('', '半', '30', '45'))}", f"{part}{hour}点钟", f"{rng.randint(8, 22)}点", f"{part}{hour}点整", f"差五分{hour}点",
    ))  # fmt: skip


def date(rng: random.Random) -> str:
    m, d = rng.randint(1, 12), rng.randint(1, 31)
    zh = rng.choice(NUMBERS)
    return rng.choice(
        (
            f"{m}月{d}号",
            f"{m}月{d}日",
            f"{d}号",
            f"{zh}月{rng.choice(NUMBERS)}号",
            f"{zh}月{rng.choice(('二十', '十五', '三十', '初八'))}",
            f"这个月{d}号",
            f"下个月{d}号",
            f"{m}/{d}",
            f"2026年{m}月{d}日",
            f"本月{d}号",
        )
    )


def day(rng: random.Random) -> str:
    w = rng.choice(WEEK)
    week = rng.choice(("周", "星期", "礼拜", "周"))
    return rng.choice((
        "今天", "明天", "明天", "后天", "大后天", "昨天", "前天", "今晚", "明晚", "明早", "今天下午", "明天上午", "明天下午", "后天早上", "后天晚上", f"{week}{w}", f"{week}{w}", f"下{week}{w}", f"下{week}{w}",
        f"这{week}{w}", f"本周{w}", f"上{week}{w}", f"下下周{w}", "这周", "下周", "本周", "这周末", "周末", "下周末", "月底", "下个月", "这个月", "上个月", "这个月底", "下月初", "年底", "国庆", "端午节", "中秋", "春节前", "清明",
        "元旦", f"{rng.choice(NUMBERS)}天后", f"过{rng.choice(NUMBERS)}天", f"{rng.choice(NUMBERS)}天之后", f"{rng.choice(NUMBERS)}周后", "最近", "这几天", f"{week}{w}下午", f"{week}{w}上午", f"{week}{w}晚上", f"下{week}{w}晚上",
        date(rng), date(rng), date(rng), "农历八月十五", "正月初三", "端午节那天", "母亲节", "月末", "今年年底", "下半年", f"这{week}{w}前", f"{rng.choice(NUMBERS)}个工作日后", "周中",
    ))  # fmt: skip


def point(rng: random.Random) -> str:
    d, c = day(rng), clock(rng)
    return rng.choice((f"{d}{c}", f"{d}{c}", f"{d}{c}", f"{d} {c}", f"{d}", f"{c}", f"{d}{c}到{clock(rng)}", f"{d}{c}-{clock(rng)}", f"{d}从{c}到{clock(rng)}", f"{dur(rng)}后", f"{dur(rng)}之后", f"{date(rng)}{c}", f"{d}的{c}", f"{d}大概{c}", f"{d}{c}左右", f"{d}中午", f"{d}早上", f"{d}下班前", f"{evrel(rng)}"))  # fmt: skip


def dur(rng: random.Random) -> str:
    n = rng.choice(NUMBERS[:10])
    return rng.choice((f"{n}个小时", f"{n}小时", f"{n}个半小时", f"{rng.choice((5, 10, 15, 20, 30, 45, 90))}分钟", "半小时", "半个小时", "一刻钟", "三刻钟", "一个小时", "一个半小时", f"{n}十分钟", "十五分钟", f"{n}天", "一天", "一周", "两个星期", "半天", "一小时", "10分钟", "四十五分钟", "1.5小时", "2小时", "一个钟头"))  # fmt: skip


def recurring(rng: random.Random) -> str:
    w = rng.choice(WEEK[:7])
    return rng.choice((f"每周{w}", f"每周{w}", f"每个周{w}", "每天", "每天", "工作日每天", "每个工作日", "每月一号", f"每个月{rng.randint(1, 28)}号", f"每隔一周的周{w}", f"隔周周{w}", f"每两周的周{w}", f"每周{w}和周{rng.choice(WEEK[:7])}", "每晚", "每天早上", "每天晚上", "每年", "周一到周五每天", f"下周{w}开始，每隔一周的周{w}", f"每月最后一个周{w}", "每个月底", "每三天", f"下周起每周{w}", f"每星期{w}")) + rng.choice((clock(rng), clock(rng), "", f"{clock(rng)}到{clock(rng)}"))  # fmt: skip


@cache
def _said() -> list[str]:
    return [
        r["utterance"].rstrip("。？！?") for r in reader_rows.read("crosswoz_zh")
        if 5 < len(r["utterance"]) < 26 and "你好" not in r["utterance"] and "您好" not in r["utterance"]
    ]  # fmt: skip


def activity(rng: random.Random) -> str:
    return rng.choice(ACTIVITIES)


def title(rng: random.Random) -> str:
    a = activity(rng)
    return rng.choice((a, a, a, a, f"跟{person(rng)}{rng.choice(WITHACT)}", f"和{person(rng)}{rng.choice(WITHACT)}", f"{rng.choice(ORGS)}{a}", f"{rng.choice(TOPICS)}{rng.choice(('会', '评审', '讨论', '沟通会', '汇报'))}", f"{person(rng)}的{a}", f"去{rng.choice(PLACES)}{a}", f"给{person(rng)}过生日", f"陪{person(rng)}{a}", f"{a}和{activity(rng)}", f"带{person(rng)}去{a}"))  # fmt: skip


def event(rng: random.Random) -> str:
    a, p, d = activity(rng), person(rng), day(rng)
    that = rng.choice(("那个", "这个", "那节", "那场", "的", "的", "", "那次"))
    core = rng.choice((
        a, a, a, f"{a}", f"跟{p}的{a}", f"和{p}的{a}", f"跟{p}的会", f"跟{p}那个{a}", f"{p}的{a}", f"{rng.choice(ORGS)}那个会", f"{rng.choice(ORGS)}的{a}", f"{rng.choice(TOPICS)}会", f"{a}的预约", f"看{a[:2]}的预约", "会", "最后那个日程", "第一个会", "下一个会", "最后一个会", f"跟{p}{rng.choice(WITHACT)}", f"{clock(rng)}的会", f"{a}课", f"{a}那个会", f"{rng.choice(TOPICS)}评审", f"跟{p}的饭局", f"去{rng.choice(TOWNS)}的航班",
    ))  # fmt: skip
    return rng.choice((core, core, f"{d}的{core}", f"{d}的{core}", f"{d}{that}{core}", f"{d}{clock(rng)}{that}{core}", f"{d}{clock(rng)}的{core}", f"我{d}的{core}", f"{rng.choice(('下午', '上午', '晚上'))}{that}{core}", f"{clock(rng)}那个{core}", f"{d}{clock(rng)}{core}"))  # fmt: skip


def evrel(rng: random.Random) -> str:
    e = event(rng)
    return rng.choice((f"{e}前{dur(rng)}", f"{e}之前{dur(rng)}", f"{e}后{dur(rng)}", f"会前{dur(rng)}", f"{e}的前一天{clock(rng)}", f"{e}前一天", f"{e}结束后", f"{e}之后", f"{e}之前", f"提前一天{clock(rng)}", f"出发前{dur(rng)}", f"{e}当天{clock(rng)}", f"开会前{dur(rng)}"))  # fmt: skip


def mail(rng: random.Random) -> str:
    p, t, o, d = person(rng), rng.choice(TOPICS), rng.choice(ORGS), day(rng)
    the = rng.choice(("那封邮件", "那封", "的邮件", "那封信", "的那封邮件", "邮件", "这封邮件"))
    return rng.choice((f"{p}{the}", f"{p}发的{t}邮件", f"{p}发来的{the.removeprefix('的')}", f"{o}{the}", f"{t}{the}", f"{t}{the}", f"{p}关于{t}的邮件", f"{o}{t}那封", f"{d}{p}{the}", f"{d}那封{t}的邮件", f"{d}{o}发的那封邮件", f"{p}最新那份{t}", f"{p}最新的邮件", f"{p}上一封邮件", f"{p}昨天半夜那封邮件", f"{o}{d}那封邮件", f"{p}的邮件", "那封邮件", "这封邮件", "刚才那封", f"{p}那封{t}的邮件", f"去{rng.choice(TOWNS)}的{t}那封邮件", f"{p}问{t}的那封"))  # fmt: skip


def mails(rng: random.Random) -> str:
    o, t, p = rng.choice(ORGS), rng.choice(TOPICS), person(rng)
    return rng.choice((f"{o}那几封", f"{o}的邮件", f"所有{o}的邮件", f"{o}发的邮件", f"所有{t}的邮件", f"{p}发的所有邮件", f"{day(rng)}的{o}邮件", f"一个月前的{o}邮件", f"超过一个月的{o}", f"{o}那些邮件", "所有广告邮件", "所有订阅邮件", "全部通知邮件", f"{o}的订阅", f"{t}那几封", f"{day(rng)}之前的{t}邮件", f"{o}的{t}邮件", "已读的邮件", f"{p}那两封邮件", f"{o}和{rng.choice(ORGS)}的邮件"))  # fmt: skip


def folder(rng: random.Random) -> str:
    return rng.choice(
        (
            "旅行",
            "账单",
            "工作",
            "归档",
            "存档",
            "发票",
            "项目",
            "家庭",
            "报销",
            "学习",
            "合同",
            "重要",
            "待处理",
            "招聘",
            "订阅",
            "Archive",
            "财务",
            "孩子",
            "个人",
            rng.choice(ORGS),
        )
    )


def note(rng: random.Random) -> str:
    t = rng.choice(TOPICS)
    return rng.choice(
        (
            f"{t}笔记",
            f"{t}那条笔记",
            f"关于{t}的笔记",
            f"{t}的备忘",
            f"{t}那条备忘",
            "购物清单",
            "采购清单",
            "旅行清单",
            f"{t}清单",
            "礼物清单",
            "昨天那条笔记",
            f"上次记的{t}",
            f"{t}的笔记",
            "那条笔记",
            "书单",
            f"我记的{t}",
        )
    )


def task(rng: random.Random) -> str:
    return rng.choice(
        (
            rng.choice(TODOS),
            rng.choice(TODOS),
            rng.choice(TOPICS),
            f"{rng.choice(TOPICS)}",
            f"买{rng.choice(GOODS)}",
            "KPI表",
            "周报",
            "拍全家福",
            "交报销",
        )
    )


def phone(rng: random.Random) -> str:
    digits = "1" + rng.choice("35789") + "".join(str(rng.randint(0, 9)) for _ in range(9))
    return rng.choice(
        (
            digits,
            digits,
            digits,
            f"{digits[:3]} {digits[3:7]} {digits[7:]}",
            f"{digits[:3]}-{digits[3:7]}-{digits[7:]}",
            f"010-{digits[:8]}",
            f"+86 {digits}",
        )
    )


def email(rng: random.Random) -> str:
    a = rng.choice(
        (
            "wang",
            "li.na",
            "xu.jiayan",
            "chen",
            "zhang_hao",
            "liu.chang",
            "sunyue",
            "zhou",
            "heli",
            "wu.min",
            "tina",
            "mia",
        )
    )
    return f"{a}{rng.choice(('', str(rng.randint(1, 99))))}@{rng.choice(('example.com', 'qinghe.example', 'yunfan.example', 'mail.example', 'example.cn'))}"


def body(rng: random.Random) -> str:
    roll = rng.random()
    if roll < 0.2:
        return rng.choice(_said())
    return rng.choice(BODIES) + (
        rng.choice(("，", "，", " ")) + rng.choice(BODIES) if roll > 0.8 else ""
    )


_RNG = random.Random(8)


def _drawn(make: Callable[[random.Random], str]) -> Callable[[], str]:
    return lambda: make(_RNG)


_DRAWN = {
    "who": person, "person": person, "topic": lambda r: r.choice(TOPICS), "noun": lambda r: r.choice(TOPICS + GOODS), "what": activity, "goods": lambda r: r.choice(GOODS),
    "when": point, "day": day, "clock": clock, "num": lambda r: r.choice((*NUMBERS, str(r.randint(2, 9000)))), "org": lambda r: r.choice(ORGS), "town": lambda r: r.choice(TOWNS),
    "country": lambda r: r.choice("中国 法国 日本 德国 美国 巴西 印度 英国 埃及 加拿大 韩国".split()), "thingq": lambda r: r.choice(TOPICS + ["信用卡", "机票", "酒店", "大阪那几天的酒店", "快递", "房租", "体检", "装修", "合同", "话剧票", "高铁票", "这个月的电费", "新电脑"]),
    "ramble": lambda r: r.choice(("哎哟我才想起来", "我刚跟{who}通完电话", "那天我有事", "{who}说他发烧了", "突然想起来", "是这样的", "老板临时找我", "那个", "{who}临时有事", "我跟你说", "上次说好的")),
    "evtxt": lambda r: r.choice((event(r), "春节", "国庆节", "我生日", day(r), "放假")), "note": lambda r: r.choice(("记一下", "记到日历", "加到日历", "帮我记日历里", "帮我加上", "加个日程", "排上", "记上", "帮我安排一下", "写日历里", "放日历里")),
    "put": lambda r: r.choice(("加", "添加", "安排", "记一下", "记", "帮我记", "加个日程，", "加个日程：", "新建日程，", "日历上加", "帮我安排", "帮我加", "日程：", "建个日程，", "预约", "排一下", "订", "在日历上记")), "req": lambda r: r.choice(("至少对比五家", "要有结论", "排好版给我", "带图表", "要有数据", "发给我", "告诉我买哪个")),
}  # fmt: skip


class _Macros(dict):
    def __missing__(self, name: str) -> list[str]:
        return [_DRAWN[name](_RNG)]


MACROS = _Macros()

KINDS: dict[str, Callable[[random.Random], str]] = {
    "title": title, "activity": activity, "meeting": lambda r: r.choice((f"{r.choice(TOPICS)}会", "会", f"{r.choice(TOPICS)}评审会", "周会", "电话会")),
    "evtxt": lambda r: r.choice((event(r), event(r), "春节", "国庆节", "我生日", "放假")), "withact": lambda r: r.choice(WITHACT), "topic": lambda r: r.choice(TOPICS), "trip": lambda r: r.choice(("{town}出差", "出差", "去{town}", "{town}", "休年假", "旅游", "{town}玩", "休假", "团建")),
    "who": lambda r: r.choice((f"接{person(r)}", person(r), person(r))), "point": point, "day": day, "date": date,
    "range": lambda r: r.choice((f"{day(r)}{clock(r)}到{clock(r)}", f"{day(r)}{clock(r)}", day(r), f"{day(r)}{clock(r)}到{clock(r)}", f"{day(r)}{clock(r)}-{clock(r)}")),
    "days": lambda r: r.choice((f"{day(r)}到{day(r)}", f"从{day(r)}到{day(r)}", f"{date(r)}到{date(r)}", f"{date(r)}至{date(r)}", day(r), f"{date(r)}-{date(r)}")),
    "recurring": recurring, "dur": dur, "clock": clock, "evrel": evrel, "place": lambda r: r.choice(PLACES), "town": lambda r: r.choice(TOWNS), "person": person, "people": people,
    "pron": lambda r: r.choice(("他", "她", "他们", "对方", "大家")), "event": event, "mail": mail, "mails": mails, "sender": lambda r: r.choice((r.choice(ORGS), person(r))), "persone": person,
    "newsletter": lambda r: r.choice((f"{r.choice(ORGS)}", f"{r.choice(ORGS)}的邮件", f"{r.choice(ORGS)}周刊", f"{r.choice(TOPICS)}订阅", f"{r.choice(ORGS)}的广告", "这个订阅")),
    "invite": lambda r: r.choice((f"{person(r)}发的那个{activity(r)}的邀请", f"{person(r)}的邀请", f"{activity(r)}的邀请", f"{person(r)}发来的{activity(r)}邀请", f"{r.choice(TOPICS)}会议的邀请", f"{activity(r)}那个邀请", f"{person(r)}的{activity(r)}邀请", "那个会议邀请")),
    "folder": folder, "task": task, "taskpast": lambda r: r.choice(("交房租", "{topic}写完", "给{who}打过电话", "买好{goods}", "{goods}寄出去", "报销交", "{goods}取回来", "总结写完", "{topic}发给{who}", "酒店订好", "{topic}改完", "箱子送走")),
    "note": note, "food": lambda r: r.choice(("煮蛋", "泡面", "蒸鱼", "煮饭", "面膜", "午睡")), "todo": lambda r: r.choice(TODOS), "fact": lambda r: r.choice(FACTS) if r.random() < 0.8 else body(r),
    "body": body, "clause": lambda r: r.choice(CLAUSES), "phone": phone, "email": email, "newname": lambda r: r.choice((_name(r), _name(r), person(r))), "organisation": lambda r: r.choice(ORGS),
    "doc": lambda r: r.choice((f"{r.choice(TOPICS)}", f"{person(r)}的{r.choice(TOPICS)}", f"{person(r)}最新那份{r.choice(TOPICS)}", f"那份{r.choice(TOPICS)}", f"{r.choice(ORGS)}的{r.choice(TOPICS)}", f"{r.choice(TOPICS)}的附件")),
    "address": lambda r: f"{r.choice(TOWNS)}市{r.choice(('南京路', '中山路', '人民路', '解放路', '建国路'))}{r.randint(1, 300)}号",
    "travel": lambda r: r.choice(("飞机", "火车", "高铁", "航班", "车")),
}  # fmt: skip
