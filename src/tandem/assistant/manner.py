"""How the user writes: greeting, close, signature and quoting, read from the mail they sent.

Nothing is invented: where no mail tells, the plainest form of the language is used.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tandem.understanding.known import KnownContact, KnownMail

_GREETING = re.compile(
    r"^(?:(?:dear|hi|hello|hey|morning|good (?:morning|afternoon|evening))\b[^\n,!]{0,40}[,!]"
    r"|[\u4e00-\u9fff]{1,6}(?:您好|你好|好)[：:，,！!]?$|[\u4e00-\u9fff]{1,6}[：:]$)",
    re.IGNORECASE,
)
_CLOSE = re.compile(
    r"^(?:best|best wishes|kind regards|regards|cheers|thanks|many thanks|love|yours|sincerely"
    r"|all the best|x|此致|祝好|谢谢)[,，!！.]?$",
    re.IGNORECASE,
)
_ATTRIBUTION = re.compile(r"^(?:On .{5,80} wrote:|\d{4}-\d\d-\d\d \d\d:\d\d .{1,40}[:：])$")


@dataclass(frozen=True, slots=True)
class Manner:
    """`greetings` are the last ones used, by address. `close` and `signature` may be empty."""

    greetings: dict[str, str]
    usual_greeting: str
    close: str
    signature: str
    quotes: bool
    name: str

    def greeting(self, address: str, contact: KnownContact | None, language: str) -> str:
        """The greeting for this person: the one used last time, else the usual one."""
        if used := self.greetings.get(address.lower()):
            return used
        if contact is None:
            return ""
        if language == "zh":
            return f"{contact.name}，你好："
        return f"{self.usual_greeting or 'Hi'} {contact.name.split()[0]},"


def learn(mails: Iterable[KnownMail], user_email: str, user_name: str) -> Manner:
    """The manner of the user's sent mails, the newest first."""
    sent = [mail for mail in mails if mail.sender.lower() == user_email.lower()]
    greetings: dict[str, str] = {}
    words, closes, signatures, quoted = Counter[str](), Counter[str](), Counter[str](), list[bool]()
    for mail in sent:
        own, signature, has_quote = split_mail(mail.text)
        if mail.in_reply_to:
            quoted.append(has_quote)
        if signature:
            signatures[signature] += 1
        lines = [line for line in own.splitlines() if line.strip()]
        if not lines:
            continue
        if found := _GREETING.match(lines[0].strip()):
            greeting = found[0].rstrip()
            for address in mail.to:
                greetings.setdefault(address.lower(), greeting)
            words[greeting.split()[0].rstrip(",")] += 1
        if len(lines) > 1 and _CLOSE.match(lines[-2].strip()):
            closes["\n".join(lines[-2:])] += 1
        elif len(lines) > 1 and lines[-1].strip() in user_name.split():
            closes[lines[-1].strip()] += 1
    return Manner(
        greetings,
        next((word for word, _ in words.most_common() if word.isascii()), ""),
        _most(closes),
        _most(signatures),
        sum(quoted) * 2 >= len(quoted) if quoted else True,
        user_name,
    )


def _most(counts: Counter[str]) -> str:
    return counts.most_common(1)[0][0] if counts else ""


def split_mail(text: str) -> tuple[str, str, bool]:
    """A mail's own words, its signature (without the `-- `), and whether it quotes another."""
    own: list[str] = []
    signature: list[str] | None = None
    for line in text.splitlines():
        if line.startswith(">") or _ATTRIBUTION.match(line.strip()):
            return "\n".join(own).strip(), "\n".join(signature or ()).strip(), True
        if line.rstrip() == "--":
            signature = []
        elif signature is not None:
            signature.append(line)
        else:
            own.append(line)
    return "\n".join(own).strip(), "\n".join(signature or ()).strip(), False


# --- the user's words as a letter's -------------------------------------------------------------

_LEAD_EN = re.compile(
    r"^(?:that(?! (?:is|was|works|sounds|would|will|suits)\b)|saying|to say|and say|:)\s+",
    re.IGNORECASE,
)
_LEAD_ZH = re.compile(
    r"^(?:就说|说一?下|说|告诉[他她]们?|跟[他她]说|问问[他她]?|问一?下[他她]?)[，,:：]?"
)
_ASKS_ZH = re.compile(r"(吗|呢|能不能|是不是|有没有|可不可以|几点|多少|什么|哪)")


def as_letter(words: str, language: str, *, formal: bool = False) -> str:
    """What the user wants said, said to the reader: "she can go" becomes "you can go"."""
    text = words.strip().strip("'\"“”‘’「」")
    if language == "zh":
        return _zh(text, "您" if formal else "你")
    return _en(_LEAD_EN.sub("", text))


def _en(text: str) -> str:
    verbs = "can|could|should|may|might|must|will|would|is|are|has|have|needs?|wants?"
    text = re.sub(
        rf"\b(?:she|he|they) ({verbs})\b", lambda m: "you " + _plural(m[1]), text, flags=re.I
    )
    text = re.sub(r"\bi\b", "I", text)
    text = re.sub(r"\bi(?=['’]?(?:ll|ve|m|d)\b)", "I", text)
    text = re.sub(r"\b(I)(ll|ve|m|d)\b", r"\1'\2", text)
    if not text:
        return text
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?…" else text + "."


def _plural(verb: str) -> str:
    return {"is": "are", "has": "have", "needs": "need", "wants": "want"}.get(verb.lower(), verb)


def _zh(text: str, you: str) -> str:
    text = _LEAD_ZH.sub("", text)
    text = re.sub(r"^让[他她]", "请", text)
    text = re.sub(r"[他她](?!们)", you, text)
    if text and text[-1] not in "。！？!?~～":
        text += "？" if _ASKS_ZH.search(text) else "。"
    return text


def subject_from(words: str, language: str) -> str:
    """A subject for a new mail: the beginning of what it says."""
    first = re.split(r"[。！？!?\n]|(?<=[a-z])\. ", words.strip())[0].strip("。.,， ")
    if language == "zh":
        return re.split(r"[，,；;]", first)[0][:20] if len(first) > 20 else first
    pieces = first.split()
    return " ".join(pieces[:8]) + ("..." if len(pieces) > 8 else "")


def body_of_letter(parts: Sequence[str]) -> str:
    """The parts of a mail with an empty line between them."""
    return "\n\n".join(part for part in parts if part)
