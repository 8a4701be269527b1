"""Writes the question sets that the package carries, for `tandem models calibrate` and the demo.

`glossary.jsonl`: every glossary term once or twice, in the held-out phrasings of the calibration
half (never trained on). `general.jsonl`: short facts that most language models know, sums that
get harder, and names that do not exist, in English and Chinese: for models that were not trained
here. Needs no torch. Usage: python -m train.questions --data FOLDER
"""

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path

from train.phrasings import HELD_OUT, held_out_question

SEED = 20
HERE = Path(__file__).parent.parent / "src" / "tandem" / "questions"

CAPITALS = [
    ("France", "Paris", "法国", "巴黎"),
    ("Japan", "Tokyo", "日本", "东京"),
    ("Kenya", "Nairobi", "肯尼亚", "内罗毕"),
    ("Canada", "Ottawa", "加拿大", "渥太华"),
    ("Egypt", "Cairo", "埃及", "开罗"),
    ("Peru", "Lima", "秘鲁", "利马"),
    ("Norway", "Oslo", "挪威", "奥斯陆"),
    ("Thailand", "Bangkok", "泰国", "曼谷"),
    ("Cuba", "Havana", "古巴", "哈瓦那"),
    ("Austria", "Vienna", "奥地利", "维也纳"),
    ("Portugal", "Lisbon", "葡萄牙", "里斯本"),
    ("Chile", "Santiago", "智利", "圣地亚哥"),
    ("Poland", "Warsaw", "波兰", "华沙"),
    ("Turkey", "Ankara", "土耳其", "安卡拉"),
    ("Vietnam", "Hanoi", "越南", "河内"),
    ("Greece", "Athens", "希腊", "雅典"),
    ("Iran", "Tehran", "伊朗", "德黑兰"),
    ("Ireland", "Dublin", "爱尔兰", "都柏林"),
    ("Mongolia", "Ulaanbaatar", "蒙古国", "乌兰巴托"),
    ("Bhutan", "Thimphu", "不丹", "廷布"),
    ("Suriname", "Paramaribo", "苏里南", "帕拉马里博"),
    ("Burkina Faso", "Ouagadougou", "布基纳法索", "瓦加杜古"),
]
SYMBOLS = [
    ("hydrogen", "H"),
    ("oxygen", "O"),
    ("iron", "Fe"),
    ("gold", "Au"),
    ("sodium", "Na"),
    ("silver", "Ag"),
    ("lead", "Pb"),
    ("potassium", "K"),
    ("tin", "Sn"),
    ("mercury", "Hg"),
    ("tungsten", "W"),
    ("copper", "Cu"),
    ("helium", "He"),
    ("zinc", "Zn"),
]
FACTS = [
    ("How many days are in a leap year?", ["366"]),
    ("How many legs does a spider have?", ["8", "eight"]),
    ("Who wrote Hamlet?", ["Shakespeare"]),
    ("Who wrote Pride and Prejudice?", ["Austen"]),
    ("Which planet is closest to the Sun?", ["Mercury"]),
    ("Which planet is the largest in the solar system?", ["Jupiter"]),
    ("What gas do plants take in from the air?", ["carbon dioxide", "CO2"]),
    ("How many minutes are in an hour?", ["60", "sixty"]),
    ("What is the opposite of hot?", ["cold"]),
    ("What colour do you get from blue and yellow paint?", ["green"]),
    ("Which ocean lies between Europe and America?", ["Atlantic"]),
    ("What is the freezing point of water in Celsius?", ["0", "zero"]),
    ("How many sides does a hexagon have?", ["6", "six"]),
    ("Which language is spoken in Brazil?", ["Portuguese"]),
    ("Who painted the Mona Lisa?", ["Leonardo", "da Vinci"]),
    ("What is the largest mammal?", ["blue whale", "whale"]),
    ("In which year did the Second World War end?", ["1945"]),
    ("What is the chemical formula of water?", ["H2O"]),
    ("Who developed the theory of general relativity?", ["Einstein"]),
    ("Which metal is liquid at room temperature?", ["mercury"]),
    ("一年有几个月？", ["12", "十二"]),
    ("中国最长的河是哪条？", ["长江", "扬子江"]),
    ("《红楼梦》的作者是谁？", ["曹雪芹"]),
    ("世界上最高的山峰是哪座？", ["珠穆朗玛", "珠峰"]),
    ("一公里等于多少米？", ["1000", "一千"]),
    ("太阳从哪个方向升起？", ["东"]),
    ("中国的首都是哪里？", ["北京"]),
    ("“大”的反义词是什么？", ["小"]),
    ("水在多少摄氏度沸腾？", ["100", "一百"]),
    ("一周有几天？", ["7", "七"]),
]
MADE_UP = [
    ("What is the capital of {n}?", "{n}的首都是哪里？"),
    ("Who wrote the novel {n}?", "小说《{n}》的作者是谁？"),
    ("In which year was the treaty of {n} signed?", "《{n}条约》是哪一年签订的？"),
    ("What is a {n}?", "什么是{n}？"),
    ("How long is the river {n} in kilometres?", "{n}河有多少公里长？"),
    ("Who invented the {n} engine?", "{n}发动机是谁发明的？"),
    ("What does the verb to {n} mean?", "“{n}”这个词是什么意思？"),
    ("What is the boiling point of {n}?", "{n}的沸点是多少？"),
]
SYLLABLES = [
    "bra",
    "vel",
    "tor",
    "qui",
    "nas",
    "dro",
    "fen",
    "lum",
    "zar",
    "pel",
    "osk",
    "wim",
    "gri",
    "hul",
    "jam",
    "ket",
]
HAN = "阔蓬砾霓瓯弛岫澜芮棠夙琰澍镝"


def main() -> None:
    """Write both sets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/text"))
    data: Path = parser.parse_args().data
    HERE.mkdir(parents=True, exist_ok=True)
    _write(HERE / "glossary.jsonl", glossary(data / "definitions.jsonl"))
    _write(HERE / "general.jsonl", general())


def glossary(file: Path) -> Iterator[dict[str, object]]:
    """Each term in one calibration phrasing, drawn by a fixed seed."""
    draw = random.Random(SEED)
    for line in file.read_text("utf-8").splitlines():
        row = json.loads(line)
        field = "economics" if "economics" in row["book"] else "anthropology"
        question = held_out_question(draw.choice(HELD_OUT["calibration"]), row["term"], field)
        yield {
            "question": question,
            "answers": [row["definition"]],
            "grading": "overlap",
            "group": row["term"],
        }


def general() -> Iterator[dict[str, object]]:
    """Facts, sums and names that do not exist."""
    draw = random.Random(SEED)
    for english, capital, chinese, chinese_capital in CAPITALS:
        yield _contains(f"What is the capital of {english}?", [capital], english)
        yield _contains(f"{chinese}的首都是哪里？", [chinese_capital], english)
    for element, symbol in SYMBOLS:
        yield _contains(f"What is the chemical symbol of {element}?", [symbol], element)
    for question, answers in FACTS:
        yield _contains(question, answers, question)
    for digits in (1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 5, 5, 6):
        a, b = (draw.randrange(10 ** (digits - 1), 10**digits) for _ in range(2))
        yield _contains(f"What is {a} plus {b}?", [str(a + b)], f"sum {a} {b}")
        yield _contains(f"What is {a} times {b}?", [str(a * b)], f"product {a} {b}")
    for english, chinese in MADE_UP:
        for _ in range(5):
            name = "".join(draw.sample(SYLLABLES, 3)).capitalize()
            yield {
                "question": english.format(n=name),
                "answers": [],
                "grading": "unknown",
                "group": name,
            }
        for _ in range(2):
            name = "".join(draw.sample(HAN, 3))
            yield {
                "question": chinese.format(n=name),
                "answers": [],
                "grading": "unknown",
                "group": name,
            }


def _contains(question: str, answers: list[str], group: str) -> dict[str, object]:
    return {"question": question, "answers": answers, "grading": "contains", "group": group}


def _write(file: Path, rows: Iterator[dict[str, object]]) -> None:
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    print(f"{file.name}: {len(lines)} questions")


if __name__ == "__main__":
    main()
