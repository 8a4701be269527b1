"""Running text: Chinese names among everyday words, and code in which nobody is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import privacy_running
from tandem.personal import Kind
from tandem.privacy.detection.chinese_names import is_likely, name_within
from tandem.privacy.detection.detector import LayeredDetector
from tandem.types import Action, Departure, Request, Tool, message
from tests.privacy.spotting import encode, guard_in


@pytest.fixture(scope="module")
def detector() -> LayeredDetector:
    return LayeredDetector()


def people_in(detector: LayeredDetector, text: str) -> list[str]:
    return [text[item.start : item.end] for item in detector.find(text) if item.kind == "person"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("请玛丽·史密斯先生签字", "玛丽·史密斯"),
        ("阿不都热依木·买买提是班长", "阿不都热依木·买买提"),
        ("王 小 明已签收", "王 小 明"),
        ("李-雪梅已签收", "李-雪梅"),
        ("张　伟已签收", "张　伟"),
        ("周工说服务器要重启", "周"),
    ],
)
def test_names_that_their_form_tells(detector: LayeredDetector, text: str, name: str) -> None:
    """A point between two names, single characters, an engineer's form of address."""
    assert any(name in found for found in people_in(detector, text))


def test_a_name_in_letters_ends_where_chinese_goes_on(detector: LayeredDetector) -> None:
    """The verb behind is no part of it, or the same person would be two."""
    assert people_in(detector, "让老李去深圳见客户，Zhang Wei 会订机票。")[-1] == "Zhang Wei"


@pytest.mark.parametrize(
    "text", ["施工说明在附件里", "金属容易加工，", "马冬梅和夏洛是高中同学", "第一·第二·第三"]
)
def test_words_that_only_look_so(detector: LayeredDetector, text: str) -> None:
    """Work that is no engineer, a school that is no person, points between numbers."""
    assert not {"施", "易加", "高中", "第一"} & set(people_in(detector, text))


def test_what_the_tagger_takes_along_is_left_out() -> None:
    """A verb behind, an "and" before; a family name alone is filled up."""
    assert name_within("陈晨会", ("", "把钥匙"), 0.93) == (0, 2)
    assert name_within("和子涵", ("", "一起"), 0.9) == (1, 3)
    assert name_within("魏", ("", "无羡是"), 0.9) == (0, 3)
    assert name_within("王", ("", "总让你"), 0.9) == (0, 1)
    assert name_within("古丽娜扎", ("", "尔唱歌"), 0.9) == (0, 5)
    assert name_within("今天", ("", "很好"), 0.99) == (0, 0)


def test_everyday_words_are_no_names() -> None:
    """However they begin; where the tagger is only fairly sure a longer word is one too."""
    for words in ("高兴", "马上", "方法", "时间", "何时"):
        assert not is_likely(Kind.PERSON, words, ("", ""), 0.9)
    assert is_likely(Kind.PERSON, "李雪梅", ("", ""), 0.9)


SCHEMA = {
    "type": "object",
    "properties": {
        name: {"type": "string", "description": f"the {name}"}
        for name in "key enum args kwargs value state mark bill rose will config payload".split()
    },
    "required": ["key", "args"],
}


def test_a_tools_schema_leaves_as_it_is(tmp_path: Path, detector: LayeredDetector) -> None:
    """Names of fields, types and methods are nobody's."""
    tool = Tool("run_query", "Runs a query with args and returns an enum.", SCHEMA)
    code = "def load(key, *args, **kwargs):\n    return Vec::new() if key is None else Stack[T]"
    said = (message("user", code), message("user", json.dumps(SCHEMA)))
    guard = guard_in(tmp_path, detector=detector)
    found = guard.departure(Request(said, (tool,), may_leave_device=True), encode)
    assert isinstance(found, Departure)
    assert [each.value for each in found.placeholders if each.action is not Action.KEEP] == []
    assert json.loads(found.outgoing.body)["tools"][0]["function"]["parameters"] == SCHEMA


def test_a_name_in_json_is_found_all_the_same(tmp_path: Path, detector: LayeredDetector) -> None:
    """The value of a field that says so, and in a line of a log."""
    guard = guard_in(tmp_path, detector=detector)
    for text in (
        '{"name": "Ann Meyer", "age": 3}',
        "2026-03-14T09:26:53Z INFO  auth  user=Ann Meyer login ok",
        "# TODO(Ann Meyer): remove this",
    ):
        request = Request((message("user", text),), may_leave_device=True)
        found = guard.departure(request, encode)
        assert isinstance(found, Departure) and b"Meyer" not in found.outgoing.body, text


@pytest.mark.parametrize("part", privacy_running.PARTS)
def test_the_figures_of_running_text_hold(detector: LayeredDetector, part: str) -> None:
    """A model or a rule that loses them is noticed; the log has the figures themselves."""
    found = privacy_running.measure(detector, part)
    assert found["chinese_names"]["recall_strict"] > 0.75
    assert found["chinese_names"]["precision"] > 0.9
    assert found["chinese_harmless"]["false_alarms"] < 0.2
    assert found["english_harmless"]["false_alarms"] < 0.2
