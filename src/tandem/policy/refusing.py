"""The honest words for "I don't know", in the language of the question. Pure."""

from __future__ import annotations

from typing import Literal

from tandem.types import Mode, Request

Language = Literal["en", "zh"]
Situation = Literal["local-only", "no cloud", "no consent", "neither", "alone", "doubtful"]

_WORDS: dict[tuple[Situation, Language], str] = {
    ("local-only", "en"): (
        "I don't know that on this device; local-only is switched on, so I asked nowhere else. "
        "To ask a larger model, choose another mode: tandem config set mode prefer-local."
    ),
    ("local-only", "zh"): (
        "这台设备上的模型不知道答案；现在是“仅本机”模式，所以没有问别处。"
        "要问更大的模型，请换一种模式：tandem config set mode prefer-local。"
    ),
    ("no cloud", "en"): (
        "I don't know that on this device. To ask a larger model, add a cloud: "
        "tandem config set cloud.url https://HOST/v1 (or try your own: tandem cloud)."
    ),
    ("no cloud", "zh"): (
        "这台设备上的模型不知道答案。要问更大的模型，请先添加云端："
        "tandem config set cloud.url https://HOST/v1（或在本机试用：tandem cloud）。"
    ),
    ("no consent", "en"): (
        "I don't know that on this device. The cloud may know: escalate (Ctrl-E in the chat, "
        "or tandem escalate) shows first what would leave and what it would cost."
    ),
    ("no consent", "zh"): (
        "这台设备上的模型不知道答案，云端也许知道。升级提问（聊天中按 Ctrl-E，或 tandem escalate）"
        "会先显示将发出的内容和费用。"
    ),
    ("neither", "en"): "Neither this device nor the cloud knows that well enough to answer.",
    ("neither", "zh"): "这台设备和云端都没有把握回答这个问题。",
    ("doubtful", "en"): "(The cloud itself is not sure of this answer.)",
    ("doubtful", "zh"): "（云端自己对这个回答没有把握。）",
    ("alone", "en"): "I don't know that well enough to answer.",
    ("alone", "zh"): "我没有把握回答这个问题。",
}


def refusal(
    request: Request, *, has_cloud: bool, neither: bool = False, spoken: Language | None = None
) -> str:
    """The words for this request's situation; `spoken` is the language that the user has set."""
    situation = _situation(request, has_cloud=has_cloud, neither=neither)
    return _WORDS[situation, spoken or language(request)]


def doubt(request: Request, *, spoken: Language | None = None) -> str:
    """What is added to an answer that was shown before its judge had doubts."""
    return _WORDS["doubtful", spoken or language(request)]


def refusal_alone(request: Request, *, has_cloud: bool, neither: bool = False) -> str:
    """The words of a model that has nobody else to ask, such as the cloud tier's own."""
    return _WORDS["alone", language(request)]


def language(request: Request) -> Language:
    """The language of the last user message: Chinese if a fifth of its letters are Han."""
    texts = [message.text for message in request.messages if message.role == "user"]
    letters = [letter for letter in (texts[-1] if texts else "") if letter.isalpha()]
    num_han = sum("\u4e00" <= letter <= "\u9fff" for letter in letters)
    return "zh" if letters and num_han * 5 >= len(letters) else "en"


def _situation(request: Request, *, has_cloud: bool, neither: bool) -> Situation:
    if neither:
        return "neither"
    if request.mode is Mode.LOCAL_ONLY:
        return "local-only"
    return "no consent" if has_cloud else "no cloud"
