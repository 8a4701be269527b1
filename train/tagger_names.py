"""Names, places, companies, addresses and numbers by the thousand, to fill templates with.

Faker (MIT) gives values of some forty countries; lists and syllables written for this project add
what it lacks: romanised Chinese, Japanese, Russian, Persian and Igbo names, Chinese names by
characters, and words that no list holds. Used in training only.
"""

from __future__ import annotations

import random
import re

from faker import Faker

LOCALES = """en_US en_US en_US en_US en_GB en_GB en_AU en_CA en_IN en_IE en_NZ de_DE de_AT de_CH fr_FR
fr_CA es_ES es_MX es_AR it_IT pt_PT pt_BR nl_NL nl_BE da_DK da_DK no_NO sv_SE fi_FI cs_CZ pl_PL hu_HU
hr_HR sl_SI ro_RO tr_TR sk_SK id_ID el_GR vi_VN en_TH""".split()

INITIALS = "b p m f d t n l g k h j q x zh ch sh r z c s y w".split()
FINALS = """a ai an ang ao e ei en eng i ia ian iang iao ie in ing iong iu o ong ou u ua uai uan uang
ui un uo ue""".split()
SYLLABLES = """an bai bei bin bo cai chang chao chen cheng chun cong da dan dong fan fang fei fen feng
fu gang guang gui guo hai han hao he heng hong hua huan hui jia jian jiang jiao jie jin jing ju juan jun kai
kang ke kun lan lei li lian liang lin ling liu long lu lun luo mei meng min ming mu na nan ning pei peng
ping qi qian qiang qiao qin qing qiu quan ran ren rong rou rui run san shan shang shao shen sheng shi
shu shuang shun si song su tao ting tong wan wei wen wu xi xia xian xiang xiao xin xing xiong xiu xu xuan
xue xun ya yan yang yao ye yi yin ying yong you yu yuan yue yun ze zhan zhao zhen zheng zhi zhong zhou zhu
zi ziyu""".split()
FAMILIES = """Wang Li Zhang Liu Chen Yang Zhao Huang Zhou Wu Xu Sun Hu Zhu Gao Lin He Guo Ma Luo Liang
Song Zheng Xie Han Tang Feng Yu Dong Xiao Cheng Cao Yuan Deng Fu Shen Zeng Peng Lu Su Jiang Cai Jia Ding Wei
Xue Ye Yan Pan Du Dai Xia Zhong Tian Ren Fan Fang Shi Yao Tan Liao Zou Xiong Jin Hao Kong Bai Cui Kang Mao
Qiu Qin Gu Hou Shao Meng Long Wan Duan Lei Qian Yin Chang Wu Qiao Lai Gong Wen Niu Ouyang Shangguan Situ
Zhuge Murong""".split()
SOUTHERN = """Chan Wong Cheung Lee Lau Leung Ng Ho Chow Kwok Tsang Yip Cheng Lam Hui Fung Tse Mak Yuen Kwan
Hsu Tsai Hsieh Chang Huang Liao Chiang Chuang Hsiao Yeh Tseng Kuo Chiu Lo Su Tu Shih Chien Teng""".split()
SOUTHERN_GIVEN = """Ka-ming Wai-man Siu-ling Chi-wai Mei-ling Chia-hsin Yu-ting Chih-ming Shu-fen Ya-ting
Kai-wen Pei-shan Hoi-yan Tsz-kit Man-kit Lai-fong Chun-hao Hsin-yi Wen-hsiung Kwok-wing Yuk-lan Sze-man
Tai-man Ching-wen I-chen Jui-lin""".split()
JAPANESE = """ka ki ku ko sa shi su so ta chi tsu to na ni no ha hi fu ho ma mi mu mo ya yu yo ra ri ru ro
wa ga ji go da do ba bu""".split()
RUSSIAN_GIVEN = """Yuri Boris Oleg Dmitri Sergei Anatoly Vladimir Svetlana Olga Tatiana Irina Natalya
Yelena Ludmila Galina Nikolai Alexei Mikhail Viktor Andrei Inna Faina Roksana Alisa Rustam Aslan Zelim
Kheda Brosca Marat Timur Zarema Islam Magomed""".split()
RUSSIAN_FAMILY = """Ivanov Petrov Bulgakov Baranov Sokolov Kuznetsov Morozov Volkov Denisov Yefremov
Bezrukov Orlov Makarov Zaitsev Pavlov Semyonov Golubev Vinogradov Bogdanov Vorobyov Fedorov Belyakov
Gadzhiev Akhmadov Shovkhalov Umarov Dudayev""".split()
OTHER_GIVEN = """Chinedu Ngozi Emeka Adaeze Chukwuma Obinna Ifeoma Amara Uzoma Nkechi Farid Kourosh Shirin
Parisa Dariush Golnaz Rostam Mahsa Bahram Yasmin Omar Fatima Khalid Layla Hassan Amina Tariq Samira Mustafa
Zaynab Eden Tesfaye Selam Abeba Yonas Rahwa Semere Winta Nuka Malik Pipaluk Aviaja Inunnguaq Thu Minh Linh
Hanh Somchai Anong Kiet Priya Arjun Ananya Rohan Kavita Sanjay Deepa Vikram Meera Lakshmi Sunil Aisha Bilbo
Drogo Primula Rosie Hamfast Elanor Sigrún Björk Ragnar Halldóra Guðrún Jón Eiríkur""".split()
OTHER_FAMILY = """Okafor Nwosu Eze Chukwu Obi Nnamdi Igwe Hosseini Ahmadi Karimi Rostami Tehrani Farahani
El-Bashir Al-Masri Haddad Khoury Nasser Boutros Saleh Rahman Mansour Tewolde Haile Ghebre Asfaw Tesfai
Petersen Lynge Olsvig Nguyen Tran Pham Hoang Vo Patel Sharma Singh Reddy Gupta Iyer Nair Kapoor Desai Joshi
Bose Malhotra Kumar Chandra Baggins Took Brandybuck Gamgee Boffin Jónsdóttir Magnússon Einarsdóttir
Gunnarsson Hafsteinsson""".split()

HAN_FAMILIES = (
    list(
        "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石"
        "姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢岳齐梅莫庄辛管祝左涂谷祁"
        "时舒耿牟卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵"
    )
    + "欧阳 司马 上官 诸葛 司徒 慕容 皇甫 尉迟 东方 夏侯 令狐 端木 南宫".split()
)
HAN_GIVEN = list(
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂红玉梅华建国文辉力永健世广志义兴良海山仁波宁贵福生龙元全胜学祥才发武新利清飞彬富顺信子昌成康星光天达"
    "安岩中茂进林有坚和彪博诚先敬震振壮会思群豪心邦承乐绍功松善厚庆民友裕河哲江浩亮政谦亨奇固之轮翰朗伯宏言若鸣朋斌梁栋维启克伦翔旭鹏泽晨辰士以家致树炎德行时泰"
    "琛钧冠策腾楠榕风航弘嘉琼勤珍贞莉香月莺媛艾瑞凡佳琪雅欣怡婷雯洁薇倩雪蕾诗涵梓轩宇睿萱妍琳晓璐颖馨瑶悦可心然依梦语彤舒卉萌丹蓉露岚珊莎锦黛青颜云莲真环荣爱妹"
    "竹霭凝晴希纯毓滢筠柔枫芸菲寒伊亚宜姬舒影荔枝菊翠俊峰铭鑫淼川潇恒昊焱骏驰烨煜皓然沐阳子墨奕景宸恩"
)
HAN_TITLES = "先生 女士 老师 总 经理 医生 主任 教授 律师 师傅 同学 阿姨 叔叔 小姐 太太 工 局长 处长 院长 董事长 大夫 护士 博士 校长 哥 姐".split()
HAN_PLACES = """北京 上海 广州 深圳 杭州 南京 成都 重庆 武汉 西安 天津 苏州 长沙 郑州 青岛 大连 厦门 宁波 昆明 合肥 福州 济南 沈阳
哈尔滨 长春 石家庄 太原 南昌 贵阳 南宁 海口 兰州 银川 西宁 拉萨 乌鲁木齐 呼和浩特 香港 澳门 台北 高雄 台中 台南 新竹 桃园 九龙 珠海 佛山 东莞
无锡 常州 温州 绍兴 嘉兴 泉州 烟台 潍坊 洛阳 开封 宜昌 岳阳 桂林 丽江 大理 三亚 扬州 徐州 浙江 江苏 广东 四川 湖南 湖北 山东 河南 河北 云南
福建 安徽 江西 辽宁 吉林 黑龙江 陕西 山西 甘肃 青海 贵州 广西 海南 内蒙古 新疆 西藏 东京 纽约 伦敦 巴黎 新加坡 首尔""".split()
HAN_STREET = list(
    "中山人民解放建设和平新华文化东风长江黄河胜利友谊光明朝阳南京北京西湖科技学院迎宾滨海花园春江玉泉紫金梅兰竹菊天河白云"
)
HAN_COMPANY = """华 瑞 鑫 达 通 恒 信 盛 宏 远 博 智 创 新 天 海 金 泰 丰 源 美 佳 康 云 星 联 优 品 捷 易 腾 飞 万 利""".split()
HAN_COMPANY_END = """科技有限公司 网络技术有限公司 贸易有限公司 集团 实业有限公司 传媒有限公司 医院 银行 大学 中学 幼儿园 律师事务所 餐厅 超市 书店 酒店
健身中心 咖啡馆 物流公司 证券 保险公司 研究所 出版社 小学 诊所 便利店 工作室""".split()

WORDS = """solar liquid better open blue green bright urban global next first silver north river stone iron
cloud data health smart quick simple clear total prime core apex nova pixel vector metro credit trade market
capital asset wealth energy water food farm home auto travel media print cyber micro macro neuro bio geo
garden kitchen music film game sport style color paper wire fiber signal beacon harbor summit canyon meadow
maple cedar falcon eagle tiger lion fox wolf bear panda orchid lotus""".split()
ENDS = """ly ify ster able wise works labs hub base lytics gen soft tech net list guard zen mint point box
bill pal view path wise cast scape""".split()
KINDS = """Inc Inc. Corporation Group Capital Markets Robotics Systems Holdings Partners LLC Ltd Ltd. Co
Company & Sons Technologies Labs Health Energy Solutions Analytics Networks Software Media Ventures Bank
University Hospital College School Institute Agency Association Council Studio Studios Cooperative Trust
Foundation Census Care Transit Financial Insurance Logistics Airlines Pharmacy Clinic Cafe Restaurant Hotel
Bakery Market Supermarket Bookstore Gym Theatre Museum Gallery""".split()
NATIONALITIES = """American British French German Italian Spanish Portuguese Dutch Belgian Danish Swedish
Norwegian Finnish Icelandic Polish Czech Slovak Slovenian Hungarian Romanian Bulgarian Greek Turkish Russian
Ukrainian Chinese Japanese Korean Thai Vietnamese Indian Pakistani Iranian Iraqi Israeli Saudi Egyptian
Nigerian Kenyan Ethiopian Mexican Brazilian Argentinian Chilean Peruvian Canadian Australian Irish Scottish
Welsh Cambodian Filipino Indonesian Malaysian Cuban Jamaican Tunisian Moroccan Algerian Estonian Latvian
Lithuanian Croatian Serbian Albanian Georgian Armenian Muslim Christian Jewish Buddhist Hindu Catholic
Republican Democrat Kurdish Tibetan Uyghur Mongolian Nepalese Swiss Austrian English""".split()
TITLES_EN = "Mr. Mrs. Ms. Dr. Miss Prof. Professor Sir Madam Mr Mrs Ms Dr".split()
ROLES = """Aunt Uncle Brother Sister Sis Master Manager Director Boss Teacher Doctor Coach Nurse Grandma
Grandpa Editor Captain Engineer Auntie Boss Principal Sister-in-law President Chairman Attorney Chef Lao Xiao
Old Little Curator Instructor Supervisor Minister""".split()


class Names:
    """Pools of values and what is made from them. Everything comes from one seeded generator."""

    def __init__(self, rng: random.Random, size: int = 3000) -> None:
        self.rng = rng
        fakes = [Faker(locale) for locale in dict.fromkeys(LOCALES)]
        for index, fake in enumerate(fakes):
            fake.seed_instance(rng.randrange(1 << 30) + index)
        by_locale = dict(zip(dict.fromkeys(LOCALES), fakes, strict=True))

        def pool(ask: str, count: int = size) -> list[str]:
            values = list[str]()
            while len(values) < count:
                fake = by_locale[rng.choice(LOCALES)]
                values.append(str(getattr(fake, ask)()).replace("\n", " ").strip())
            return values

        self.firsts = pool("first_name") + OTHER_GIVEN * 4 + RUSSIAN_GIVEN * 4
        self.lasts = pool("last_name") + OTHER_FAMILY * 4 + RUSSIAN_FAMILY * 4
        self.cities = pool("city")
        self.streets = pool("street_name")
        self.companies = pool("company")
        self.phones = pool("phone_number", 2 * size)
        self.countries = pool("country", 600)
        self.countries += [by_locale["en_US"].country() for _ in range(size)]
        self.jobs = [by_locale["en_US"].job() for _ in range(size)]
        self._chain_first = _chain(self.firsts)
        self._chain_last = _chain(self.lasts)
        self._chain_city = _chain(self.cities)

    # --- people ---

    def first(self) -> str:
        draw = self.rng.random()
        if draw < 0.12:
            return self.given_pinyin()
        if draw < 0.18:
            return self.japanese()
        if draw < 0.32:
            return self._word(self._chain_first)
        return self.rng.choice(self.firsts)

    def last(self) -> str:
        draw = self.rng.random()
        if draw < 0.1:
            return self.rng.choice(FAMILIES)
        if draw < 0.16:
            return self.japanese()
        if draw < 0.3:
            return self._word(self._chain_last)
        return self.rng.choice(self.lasts)

    def given_pinyin(self, syllables: int = 0) -> str:
        count = syllables or self.rng.choice((1, 2, 2, 2))
        if count == 2 and self.rng.random() < 0.12:
            return (self.rng.choice(SYLLABLES) * 2).capitalize()
        return "".join(self.rng.choice(SYLLABLES) for _ in range(count)).capitalize()

    def chinese(self) -> str:
        draw = self.rng.random()
        if draw < 0.15:
            return f"{self.rng.choice(SOUTHERN)} {self.rng.choice(SOUTHERN_GIVEN)}"
        family, given = self.rng.choice(FAMILIES), self.given_pinyin()
        if draw < 0.2:
            return f"{given} {family}"
        return f"{family} {given}"

    def japanese(self) -> str:
        count = self.rng.choice((2, 3, 3, 4))
        return "".join(self.rng.choice(JAPANESE) for _ in range(count)).capitalize()

    def person(self) -> str:
        draw = self.rng.random()
        if draw < 0.16:
            return self.chinese()
        first, last = self.first(), self.last()
        if draw < 0.32:
            return f"{first} {self.rng.choice('ABCDEFGHIJKLMNOPRSTVWZ')}. {last}"
        if draw < 0.36:
            return f"{first} {self.rng.choice('ABCDEFGHJKLMNPRST')} {last}"
        if draw < 0.4:
            return f"{first} {self.first()} {last}"
        if draw < 0.43:
            return f"{first} {last}-{self.last()}"
        if draw < 0.46:
            return f"{first} {self.rng.choice(('van der', 'de', 'von', 'van', 'al', 'bin', 'del'))} {last}"
        if draw < 0.48:
            return f"{first} {last} {self.rng.choice(('Jr.', 'II', 'III', 'Sr.'))}"
        return f"{first} {last}"

    def mention(self) -> str:
        """A person as friends write: a form of address with a name, a nickname."""
        name = self.rng.choice((self.given_pinyin(), self.rng.choice(FAMILIES), self.first()))
        draw = self.rng.random()
        if draw < 0.6:
            return f"{self.rng.choice(ROLES)} {name}"
        return f"{self.rng.choice(TITLES_EN)} {name}"

    def han_person(self) -> str:
        count = self.rng.choice((1, 2, 2, 2))
        return self.rng.choice(HAN_FAMILIES) + "".join(self.rng.choices(HAN_GIVEN, k=count))

    # --- places and companies ---

    def city(self) -> str:
        draw = self.rng.random()
        if draw < 0.12:
            return self.given_pinyin(2)
        if draw < 0.25:
            return self._word(self._chain_city)
        return self.rng.choice(self.cities)

    def company(self) -> str:
        draw = self.rng.random()
        if draw < 0.35:
            return self.rng.choice(self.companies)
        word = self.rng.choice(WORDS).capitalize()
        if draw < 0.55:
            return word + self.rng.choice(ENDS)
        if draw < 0.65:
            return word + self.rng.choice(WORDS) + self.rng.choice(("", " Inc", " Group"))
        if draw < 0.8:
            return f"{word} {self.rng.choice(KINDS)}"
        if draw < 0.86:
            return f"{self.given_pinyin(2)} {self.rng.choice(KINDS)}"
        if draw < 0.9:
            return f"{self.last()}, {self.last()} and {self.last()}"
        if draw < 0.94:
            return f"{self.last()} {self.rng.choice(('Group', 'Inc', 'Ltd.', 'and Sons', 'PLC', 'LLC'))}"
        return f"{self.rng.choice(('Department', 'Institute', 'Bank', 'Center'))} of {word} {self.rng.choice(WORDS).capitalize()}"

    def address(self) -> str:
        rng = self.rng
        number, street = str(rng.randrange(1, 2500)), rng.choice(self.streets)
        draw = rng.random()
        if draw < 0.06:
            return f"PSC {rng.randrange(1, 9999):04}, Box {rng.randrange(9999)}\nAPO {rng.choice(('AA', 'AE', 'AP'))} {rng.randrange(99999):05}"
        if draw < 0.1:
            return f"Unit {rng.randrange(9999):04} Box {rng.randrange(9999):04}\nDPO {rng.choice(('AA', 'AE', 'AP'))} {rng.randrange(99999):05}"
        if draw < 0.18:
            return f"the corner of {street} {rng.choice(('', number))} and {rng.choice(self.streets)}".replace(
                "  ", " "
            )
        if draw < 0.3:
            return f"{street} {number}"
        if draw < 0.4:
            return f"{number} {street}"
        lead = rng.choice(
            (
                f"{rng.randrange(99999)} {street} {number}",
                f"{number} {street}",
                f"{street} {number}",
            )
        )
        second = rng.choice(
            (
                "",
                "",
                f" Apt. {rng.randrange(999):03}",
                f" Suite {rng.randrange(999)}",
                f" Unit {rng.randrange(99)}",
            )
        )
        break_ = rng.choice(("\n", "\n ", ", ", " ", "\n", "\n    "))
        city = rng.choice((self.city(), self.city().upper()))
        tail = rng.choice(
            (
                f"{self.country()} {rng.randrange(99999):05}",
                self.country(),
                f"{rng.randrange(99999):05}",
                self.state() + f" {rng.randrange(99999):05}",
            )
        )
        comma = rng.choice(("", "", "\n,", ","))
        return f"{lead}{second}{break_}{city}{comma}{rng.choice((' ', break_))}{tail}"

    def state(self) -> str:
        return "".join(self.rng.choices("ABCDEGIKLMNOPRSTUVWXYZ", k=2))

    def country(self) -> str:
        return self.rng.choice(self.countries)

    def han_company(self) -> str:
        head = self.rng.choice(("", self.rng.choice(HAN_PLACES)))
        return head + "".join(self.rng.choices(HAN_COMPANY, k=2)) + self.rng.choice(HAN_COMPANY_END)

    def han_place(self) -> str:
        place = self.rng.choice(HAN_PLACES)
        made = "".join(self.rng.choices(HAN_STREET, k=2)) + self.rng.choice("县市区镇村")
        return self.rng.choice((place, place, place + "市", made))

    def han_address(self) -> str:
        rng = self.rng
        city = rng.choice(HAN_PLACES)
        district = "".join(rng.choices(HAN_STREET, k=2))
        road = "".join(rng.choices(HAN_STREET, k=rng.choice((2, 2, 3)))) + rng.choice(
            ("路", "大街", "街", "大道", "巷", "胡同", "弄", "東路", "南路")
        )
        head = rng.choice(
            (
                "",
                f"{city}市",
                f"{city}市{district}区",
                f"{rng.choice(HAN_PLACES)}省{city}市{district}区",
                f"{city}{district}区",
                f"{city}市{district}县",
            )
        )
        tail = rng.choice(
            (
                "",
                f"{rng.randrange(1, 60)}栋{rng.randrange(100, 2900)}室",
                f"{rng.randrange(1, 9)}单元{rng.randrange(1, 30)}0{rng.randrange(1, 9)}",
                f"{rng.randrange(2, 40)}楼",
                f"{rng.randrange(1, 30)}号楼",
                f"{rng.randrange(1, 9)}单元",
            )
        )
        return f"{head}{road}{rng.randrange(1, 1500)}号{tail}"

    def _word(self, chain: dict[str, list[str]]) -> str:
        out, state = "", "^^"
        while len(out) < 14:
            letter = self.rng.choice(chain[state])
            if letter == "$":
                break
            out, state = out + letter, state[1] + letter
        return out if len(out) > 2 else self.rng.choice(self.firsts)


def _chain(words: list[str]) -> dict[str, list[str]]:
    """Which letter follows which two: words that sound like these and are none of them."""
    chain: dict[str, list[str]] = {}
    for word in words:
        if not re.fullmatch(r"[^\W\d_]+", word):
            continue
        state = "^^"
        for letter in word + "$":
            chain.setdefault(state, []).append(letter)
            state = state[1] + letter
    return chain
