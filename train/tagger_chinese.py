"""Chinese running text for the tagger: names where pronouns stood, and names among everyday words.

A name of two or three characters is told by what it is built of and by the words it is not. So names
of all sorts (whole, given alone, "小王", "王总", transcribed, Japanese) are put into sentences of public
dialogues in the place of a pronoun, and between words drawn by their frequency. The same sentences
without names teach what no name is.
"""

from __future__ import annotations

import gzip
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path

from train.tagger_names import HAN_FAMILIES, HAN_GIVEN, HAN_TITLES, Names
from train.tagger_templates import CHINESE_PLAIN

Span = tuple[int, int, str]
Person = tuple[str, str, str]  # what stands before, the name, the form of address behind

# Characters that transcriptions of foreign names are written with, and Japanese names.
TRANSCRIBED = "阿埃艾安奥巴贝比波布达戴德迪杜多尔法菲弗福盖格戈古哈赫霍基杰卡凯科克库拉莱兰劳雷里丽利列林琳卢鲁伦罗洛马玛迈曼梅米莫纳娜内尼诺欧帕佩皮普奇乔切茹萨塞莎沙山桑舍什史斯苏索塔泰坦特托瓦威韦维温沃乌西希夏谢辛雅亚扬耶伊尤约扎泽珍朱祖"
JAPANESE_FAMILIES = "佐藤 铃木 高桥 田中 渡边 伊藤 山本 中村 小林 加藤 吉田 山田 佐佐木 山口 松本 井上 木村 清水 斋藤 阿部 桥本 石川 前田 藤田 冈田 后藤 长谷川 村上 近藤 石井 坂本 远藤 青木 藤井 西村 福田 太田 三浦 藤原 松田".split()
JAPANESE_GIVEN = "太郎 健一 美咲 由美子 翔太 大辅 阳子 直树 和子 惠子 拓也 花子 一郎 裕子 真由美 雅人 诚 樱 千夏 智子 优 洋平 隆 麻衣 亮 莉子 悠斗 结衣 浩二 秀树".split()
NEXT_TO = "阿姨 叔叔 大爷 大妈 奶奶 爷爷 哥 姐 妹 弟 嫂 工 总 导 队 科 局 处 院 校 董 行 台 所 主任 经理 老师 师傅 医生 大夫 女士 先生 律师 教授 教练 同学 老板".split()
# What the pieces of a sentence with a person are joined by.
BEFORE = "让 给 跟 和 找 叫 请 问 替 帮 陪 把 被 对 向 为 由 告诉 通知 提醒 联系 认识 喜欢 看见 听说 感谢 祝 因为 如果 是 在 等 ， 、 “ ： @ （".split() + [
    "", "", "", "今天", "昨天", "明天", "刚才", "我和", "我的朋友", "我儿子", "我女儿", "我爸", "我妈", "他爱人", "新来的", "隔壁的", "同事", "室友", "邻居", "医生", "叫",
]  # fmt: skip
BEHIND = "说 的 在 和 跟 是 昨天 今天 明天 去 来 要 会 想 把 被 给 不 没 也 都 还 已经 正在 刚 最近 一起 住在 买了 觉得 负责 离职 来了 吗 呢 ， 。 、 ” ） 从 比 有 带 打电话 发烧 结婚 怀孕 生病 欠".split() + [""]  # fmt: skip
_PRONOUN = re.compile("我们|你们|他们|她们|您|你|我|他|她")
_HAN = re.compile(r"[\u3400-\u9fff]")
_NAMES_IN_THE_LIST = ("nr", "ns", "nt", "nz", "x", "eng", "m")


class Running:
    """Endless Chinese sentences, each with the names in it."""

    def __init__(self, names: Names, folder: Path) -> None:
        self.names = names
        self.rng = names.rng
        self.sentences = list(_sentences(folder / "assistant" / "permissive")) + CHINESE_PLAIN
        words = list(_words())
        self.words = [word for word, _ in words]
        self.weights = list(itertools.accumulate(number**0.6 for _, number in words))
        self.alike = [
            word for word, _ in _words(3) if word[0] in HAN_FAMILIES and 1 < len(word) < 5
        ]
        counts = _given_characters()
        self.given = list(counts)
        self.given_weights = list(itertools.accumulate(number**0.8 for number in counts.values()))

    def text(self) -> tuple[str, tuple[Span, ...]]:
        """One text with its spans (start, end, "PERSON")."""
        draw = self.rng.random()
        if draw < 0.27:
            return self._among_words()
        if draw < 0.52:
            return self._for_pronouns(self._sentence())
        if draw < 0.64:
            return self._joined()
        if draw < 0.76:
            return self._sentence(), ()
        # Words that begin as a name does are what is most easily taken for one.
        words = self._salad(self.rng.randrange(2, 20))
        if draw < 0.9:
            words = self.rng.choice(self.alike) + words
        return words, ()

    def person(self) -> Person:
        """Somebody, in one of the ways in which people are written."""
        rng = self.rng
        draw = rng.random()
        if draw < 0.1:
            called = rng.choice((rng.choice(HAN_FAMILIES)[0], rng.choice(HAN_GIVEN)))
            return rng.choice("小小老老阿大"), called, ""
        if draw < 0.18:
            return "", rng.choice(HAN_FAMILIES), rng.choice((*NEXT_TO, *HAN_TITLES))
        return "", self._name(), ""

    def _name(self) -> str:
        rng = self.rng
        draw = rng.random()
        if draw < 0.4:
            return self.names.han_person()
        if draw < 0.76:
            # Given names are written with thousands of characters, some as rare as none in a list.
            size = rng.choice((1, 2, 2, 2))
            given = rng.choices(self.given, cum_weights=self.given_weights, k=size)
            return rng.choice(HAN_FAMILIES) + "".join(given)
        if draw < 0.88:
            return self._given()
        if draw < 0.92:
            first, last = self._transcribed(2, 4), self._transcribed(2, 5)
            return f"{first}·{last}"
        if draw < 0.95:
            return self._transcribed(3, 6)
        return rng.choice(JAPANESE_FAMILIES) + rng.choice(JAPANESE_GIVEN)

    def _given(self) -> str:
        if self.rng.random() < 0.2:
            return self.rng.choice(HAN_GIVEN) * 2
        return "".join(self.rng.choices(HAN_GIVEN, k=2))

    def _transcribed(self, low: int, high: int) -> str:
        return "".join(self.rng.choices(TRANSCRIBED, k=self.rng.randrange(low, high)))

    def _sentence(self) -> str:
        sentence = self.rng.choice(self.sentences)
        # Holes of the templates become numbers.
        return re.sub(r"\{\w+\}", lambda _: str(self.rng.randrange(2, 400)), sentence)

    def _salad(self, count: int) -> str:
        words = self.rng.choices(self.words, cum_weights=self.weights, k=count)
        text = ""
        for word in words:
            draw = self.rng.random()
            text += word + ("，" if draw < 0.06 else "的" if draw < 0.14 else "")
        return text + self.rng.choice(("。", "", "！", "？"))

    def _among_words(self) -> tuple[str, tuple[Span, ...]]:
        pieces: list[str | Person] = [self._salad(self.rng.randrange(1, 7)).rstrip("。！？")]
        for _ in range(self.rng.choice((1, 1, 2))):
            pieces += [self.person(), self._salad(self.rng.randrange(1, 7)).rstrip("。！？")]
        if self.rng.random() < 0.4:
            pieces[0] = ""
        return _with_spans(pieces)

    def _joined(self) -> tuple[str, tuple[Span, ...]]:
        rng = self.rng
        pieces: list[str | Person] = [rng.choice(BEFORE), self.person()]
        for _ in range(rng.choice((0, 0, 0, 1, 2))):
            pieces += [rng.choice("、和跟与,， "), self.person()]
        rest = rng.choice((self._salad(rng.randrange(1, 6)), self._sentence()))
        return _with_spans([*pieces, rng.choice(BEHIND) + rest])

    def _for_pronouns(self, sentence: str) -> tuple[str, tuple[Span, ...]]:
        pieces, at = list[str | Person](), 0
        for match in _PRONOUN.finditer(sentence):
            if self.rng.random() < 0.6:
                pieces += [sentence[at : match.start()], self.person()]
                at = match.end()
        return _with_spans([*pieces, sentence[at:]])


def _with_spans(pieces: Iterable[str | Person]) -> tuple[str, tuple[Span, ...]]:
    """The text of all pieces, and where the names are."""
    text, spans = "", list[Span]()
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
            continue
        before, name, behind = piece
        start = len(text) + len(before)
        spans.append((start, start + len(name), "PERSON"))
        text += before + name + behind
    return text, tuple(spans)


def _sentences(folder: Path) -> Iterator[str]:
    """Chinese utterances of the public sets that hold no names of people."""
    for name in ("crosswoz_zh.jsonl", "time_expressions.jsonl", "acebench.jsonl.gz"):
        path = folder / name
        if not path.exists():
            continue
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                text = row.get("utterance") or row.get("question") or ""
                if row.get("lang") == "zh" and isinstance(text, str) and _HAN.search(text):
                    yield text[:200]


def _given_characters() -> Counter[str]:
    """Which characters given names are written with and how often; nobody's name is taken."""
    families = {family[0] for family in HAN_FAMILIES if len(family) == 1}
    file = resources.files("jieba") / "dict.txt"
    lines = (line.split() for line in file.read_text(encoding="utf-8").splitlines())
    names = (
        word
        for word, _, sort in lines
        if sort == "nr" and 1 < len(word) < 4 and word[0] in families
    )
    return Counter(char for name in names for char in name[1:] if _HAN.match(char))


def _words(least: int = 60) -> Iterator[tuple[str, int]]:
    """Everyday words with how often they are used, from jieba's list (MIT); training only."""
    file = resources.files("jieba") / "dict.txt"
    for line in file.read_text(encoding="utf-8").splitlines():
        word, number, sort = line.split()
        if int(number) >= least and _HAN.match(word) and not sort.startswith(_NAMES_IN_THE_LIST):
            yield word, int(number)
