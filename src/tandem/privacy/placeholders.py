"""How a thing that stays is named in the text that leaves: "Person 482", "人物482".

A word for its kind and a number. The number comes from a keyed hash of the thing, so it is the same
throughout a conversation and says nothing in another one; it is given once per conversation
whatever the kind, so a wrong word beside it restores nothing rather than somebody else. A letter
after it tells the thing's written forms apart: "Person 482b" is the same person by another name.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from tandem.personal import Kind

LITERAL = "text"  # the user's own words that look like a placeholder; no kind that is found

# Per kind: what an English and a Chinese text is given, then what models make of it when they
# translate or restyle. All lower case but for the first.
WORDS: Mapping[str, tuple[str, ...]] = {
    Kind.PERSON: (
        "Person", "人物", "persona", "personne", "pessoa", "persoon", "персона", "человек", "лицо",
        "osoba", "kişi", "人員", "人员", "某人", "個人", "사람", "인물",
    ),
    Kind.ORGANISATION: (
        "Organisation", "机构", "organization", "organización", "organizzazione", "organização",
        "organisatie", "организация", "機構", "组织", "組織", "기관", "조직", "organizacja",
    ),
    Kind.PLACE: (
        "Place", "地点", "ort", "lieu", "lugar", "luogo", "plaats", "место", "地點", "場所", "장소",
        "地方", "miejsce", "yer",
    ),
    Kind.ADDRESS: (
        "Address", "地址", "adresse", "dirección", "direccion", "indirizzo", "endereço", "adres",
        "адрес", "住所", "주소",
    ),
    Kind.POSTCODE: (
        "Postcode", "邮编", "postal code", "zip code", "zip", "postleitzahl", "plz", "code postal",
        "código postal", "cap", "郵編", "郵便番号", "邮政编码",
    ),
    Kind.COORDINATES: ("Position", "坐标", "posición", "posizione", "coordinates", "座標"),
    Kind.PHONE: (
        "Phone", "电话", "telephone", "telefon", "téléphone", "teléfono", "telefono", "telefone",
        "telefoon", "телефон", "電話", "전화", "phone number", "号码",
    ),
    Kind.EMAIL: (
        "Email", "邮箱", "e-mail", "mail", "correo", "courriel", "электронная почта", "郵箱",
        "電郵", "メール", "이메일", "电子邮件", "邮件",
    ),
    Kind.ACCOUNT_NAME: ("Username", "用户名", "benutzername", "usuario", "用戶名", "user name"),
    Kind.URL: ("Link", "链接", "enlace", "lien", "連結", "リンク", "url"),
    Kind.IP_ADDRESS: ("IP", "IP地址", "ip address", "ip-adresse", "адрес ip"),
    Kind.DEVICE_ID: ("Device", "设备", "gerät", "appareil", "dispositivo", "設備", "устройство"),
    Kind.PAYMENT_CARD: (
        "Card", "卡号", "karte", "carte", "tarjeta", "carta", "cartão", "kaart", "карта", "卡號",
        "カード", "카드",
    ),
    Kind.IBAN: ("IBAN", "IBAN号"),
    Kind.BANK_ACCOUNT: (
        "Account", "账号", "konto", "compte", "cuenta", "conto", "conta", "rekening", "счёт",
        "счет", "帳號", "賬號", "口座", "계좌",
    ),
    Kind.CRYPTO_WALLET: ("Wallet", "钱包", "錢包", "cartera", "portefeuille"),
    Kind.NATIONAL_ID: ("ID", "证件号", "證件號", "身份证", "ausweis", "id number", "id-nummer"),
    Kind.TAX_ID: ("TaxID", "税号", "tax id", "steuernummer", "稅號"),
    Kind.PASSPORT: ("Passport", "护照", "reisepass", "passeport", "pasaporte", "護照", "паспорт"),
    Kind.DRIVING_LICENCE: ("Licence", "驾照", "license", "führerschein", "permis", "駕照"),
    Kind.HEALTH_ID: ("HealthID", "医保号", "health id", "醫保號"),
    Kind.PLATE: ("Plate", "车牌", "kennzeichen", "matrícula", "車牌", "licence plate"),
    Kind.REFERENCE: ("Reference", "编号", "referenz", "référence", "referencia", "編號", "ref"),
    Kind.PASSWORD: ("Password", "密码", "passwort", "contraseña", "mot de passe", "密碼", "пароль"),
    Kind.SECRET: ("Secret", "密钥", "geheimnis", "secreto", "密鑰", "секрет"),
    Kind.BIRTH_DATE: ("Birthdate", "生日", "geburtsdatum", "birth date", "date of birth"),
    Kind.DATE: ("Date", "日期", "datum", "fecha", "data"),
    Kind.AGE: ("Age", "年龄", "alter", "edad", "年齡"),
    Kind.GROUP: ("Group", "群体", "gruppe", "grupo", "群體"),
    Kind.TITLE: ("Title", "称谓", "titel", "título", "稱謂"),
    LITERAL: ("Text", "文本", "texto", "texte", "testo", "текст"),
}  # fmt: skip

FORM_LETTERS = "\0bcdfgh"  # no "e" and no "s": "482er", "482s" are endings
MAX_DIGITS = 9
_TRIES = 12  # with so many digits, before there are two more
_FIRST_LONG = (MAX_DIGITS - 3) // 2 * _TRIES
# What may stand between word and number: blanks, marks of Markdown and HTML, escapes, "No.", "号".
_BETWEEN = (
    r"(?:[\s_\-#:*`~\\\[\]()+]|&(?:nbsp|#160|#32);|%20|%5f|%2d|\\u00a0|</?[a-z]{1,6}>"
    r"|no\.?|nr\.?|n°|№|num\.?|number|nummer|número|numéro|第|号|號|编号){0,8}"
)
_CJK = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"


def shown_for(kind: str, number: int, form: int, *, is_chinese: bool) -> str:
    """The placeholder of a thing's written form; `form` 0 is the first that was seen."""
    letter = FORM_LETTERS[form] if form else ""
    word = WORDS[kind][1 if is_chinese else 0]
    return f"{word}{number}{letter}" if is_chinese else f"{word} {number}{letter}"


def numbers_for(key: bytes, kind: str, name: str, *, is_long: bool = False) -> Iterable[int]:
    """The numbers that a thing may get, the best first; endless.

    Three digits as long as there are free ones: short to write for a model, and a stranger's
    number is unlikely to be one of them. After some tries five digits, then seven, then nine;
    `is_long`: nine from the first, so that two things hardly ever want one number.
    """
    attempt = _FIRST_LONG if is_long else 0
    while True:
        digits = min(3 + attempt // _TRIES * 2, MAX_DIGITS)
        low = 10 ** (digits - 1)
        told = f"{kind}\0{name}\0{attempt}".encode("utf-8", "surrogatepass")
        drawn = int.from_bytes(hmac.digest(key, told, "sha256")[:8])
        yield low + drawn % (9 * low)
        attempt += 1


def kinds_by_word() -> Mapping[str, frozenset[str]]:
    """Every word in lower case with the kinds it may stand for."""
    found: dict[str, set[str]] = {}
    for kind, words in WORDS.items():
        for word in words:
            found.setdefault(word.lower(), set()).add(kind)
    return {word: frozenset(kinds) for word, kinds in found.items()}


KINDS_BY_WORD = kinds_by_word()
_by_length = sorted(map(re.escape, KINDS_BY_WORD), key=len, reverse=True)
_words = "|".join(_by_length)
# Of text that was folded (lower case, half-width, without marks that are not seen): a number with
# its letter, then what stands before it, then what a translation into Chinese puts after it.
NUMBER = re.compile(rf"(?<!\d)(\d{{3,{MAX_DIGITS}}})(?!\d)([bcdfgh](?![a-z\d]))?")
BEFORE = re.compile(
    rf"(?:(?<![^\W\d_{_CJK}])|(?<=%[0-9a-f][0-9a-f])|(?=[{_CJK}]))(?P<word>{_words})s?"
    rf"(?P<between>{_BETWEEN})\Z"
)
AFTER = re.compile(rf"\s?[号號]\s?(?P<word>{'|'.join(w for w in _by_length if not w.isascii())})")
LONGEST_WORD = max(map(len, KINDS_BY_WORD))
LONGEST_BEFORE = LONGEST_WORD + 1 + 8 * 8
PREFIXES = frozenset(word[:length] for word in KINDS_BY_WORD for length in range(1, len(word) + 1))


@dataclass(frozen=True, slots=True)
class Mention:
    """A placeholder, perhaps mangled, at `start` to `end` of a folded text.

    `opened` and `closed` are the marks of Markdown that stood inside and belong around it.
    """

    start: int
    end: int
    kinds: frozenset[str]
    number: int
    letter: str
    opened: str = ""
    closed: str = ""


def mentions(folded: str, is_given: Callable[[int], bool]) -> Iterator[Mention]:
    """All placeholders in the text whose number is given. Linear: it looks around numbers only."""
    for match in NUMBER.finditer(folded):
        number = int(match[1])
        if is_given(number) and (found := _mention(folded, match, number)):
            yield found


def _mention(folded: str, match: re.Match[str], number: int) -> Mention | None:
    letter = match[2] or ""
    first = max(0, match.start() - LONGEST_BEFORE)
    before = BEFORE.search(folded, first, match.start())
    if before is not None:
        between = before["between"]
        marks = "".join(char for char in between if char in "*`~")
        opens = between.rstrip("*`~") != between and between[:1] not in tuple("*`~")
        return Mention(
            before.start(),
            match.end() + _num_counters(folded, match.end(), before["word"]),
            KINDS_BY_WORD[before["word"]],
            number,
            letter,
            opened=marks if opens else "",
            closed="" if opens else marks,
        )
    after = AFTER.match(folded, match.end())
    if after is not None:
        return Mention(match.start(), after.end(), KINDS_BY_WORD[after["word"]], number, letter)
    return None


def _num_counters(folded: str, at: int, word: str) -> int:
    """In Chinese a number may get its "号", which is no part of what it stands for."""
    is_counted = not word.isascii() and folded[at : at + 1] in ("号", "號")
    return int(is_counted and folded[at + 1 : at + 2] not in ("码", "碼"))


# What may yet become a placeholder at a text's end: a word with all or a part of what may follow,
# a number that a word may follow.
_PARTLY = (
    r"%[0-9a-f]?|&[#a-z0-9]{0,6}|\\(?:u[0-9a-f]{0,3})?|</?[a-z]{0,6}|n(?:u(?:m(?:b(?:er?)?)?)?)?|"
    r"n[uú](?:m(?:e(?:ro?)?)?)?|n(?:umm?e?)?|num[eé]r?|编"
)
_OPEN_WORD = re.compile(
    rf"(?:(?<![^\W\d_{_CJK}])|(?<=%[0-9a-f][0-9a-f])|(?=[{_CJK}]))(?:{_words})s?{_BETWEEN}"
    rf"(?:{_PARTLY})?(?:\d{{1,{MAX_DIGITS}}}(?:[bcdfgh]|[号號])?)?\Z"
)
_OPEN_NUMBER = re.compile(rf"(?<!\d)\d{{1,{MAX_DIGITS}}}\s?[号號]?\s?([{_CJK}]{{0,6}})\Z")
_OPEN_ESCAPE = re.compile(
    r"(?:(?:%[0-9a-f]{2}){0,24}%[0-9a-f]{0,2}|&[#a-z0-9]{0,6}|\\(?:u[0-9a-f]{0,4})?)\Z"
)
_LONGEST_OPEN = LONGEST_BEFORE + MAX_DIGITS + 2


def pending(folded: str) -> int:
    """From where on the end of a text may yet become a placeholder; its length if nothing can."""
    size = len(folded)
    first = max(0, size - _LONGEST_OPEN)
    found = [_OPEN_WORD.search(folded, first), _OPEN_NUMBER.search(folded, first)]
    places = [match.start() for match in found if match and _is_open(match)]
    for length in range(min(LONGEST_WORD, size), 0, -1):
        if folded[size - length :] in PREFIXES and _begins(folded, size - length):
            places.append(size - length)
            break
    if escape := _OPEN_ESCAPE.search(folded, first):
        places.append(escape.start())
    return min(places, default=size)


def _is_open(match: re.Match[str]) -> bool:
    return match.re is _OPEN_WORD or not match[1] or match[1] in PREFIXES


def _begins(folded: str, at: int) -> bool:
    """Whether a word may begin here."""
    before = folded[at - 1 : at] if at else ""
    return not before.isalpha() or before > "\u3040" or folded[at] > "\u3040"
