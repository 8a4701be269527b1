"""Street addresses, by how they are written in English, in some European languages and in Chinese.

The tagger finds addresses by their surroundings; these patterns find the ones whose own words say
enough, and lengthen what the tagger cuts short.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tandem.personal import Around, Finding, Kind
from tandem.privacy.detection.view import View

_WORD = r"[A-Z\u00c0-\u017d0-9][\w'’.-]{0,24}"
_ENDS = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Av|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Place|Pl|Square|Sq|Terrace|Ter|Way|"
    r"Close|Crescent|Cres|Highway|Hwy|Parkway|Pkwy|Circle|Cir|Alley|Row|Quay|Gardens|Grove|Mews|Plaza)"
)
_FLAT = r"(?:,?\s{1,3}(?:Apt|Apartment|Suite|Ste|Unit|Flat|Room|Rm|Floor|Fl|#)\.?\s{0,2}#?\w{1,6})?"
_ENGLISH = re.compile(
    rf"(?<![\w.,$€£-])(?:(?:No\.?|Number)\s{{0,2}})?\d{{1,5}}[A-Za-z]?(?:[-/]\d{{1,5}})?,?\s{{1,3}}(?:{_WORD}\s{{1,3}}){{1,4}}{_ENDS}\b\.?{_FLAT}"
)
_BOX = re.compile(
    r"(?<!\w)(?:P\.?\s?O\.?\s?Box|Postfach|Apartado|Casilla|Boîte postale)\s{1,2}\d{1,6}"
    r"|(?<!\w)(?:PSC|Unit|CMR)\s\d{1,5},?\s{1,2}Box\s\d{1,5}\s{1,3}(?:APO|DPO|FPO)\s(?:AA|AE|AP)\s\d{5}"
)
_EUROPEAN = re.compile(
    r"(?<!\w)[A-Z\u00c0-\u017d][\w.-]{2,24}(?:stra(?:ß|ss)e|str\.|weg|gasse|platz|allee|damm|ufer|ring|straat|laan|gracht|plein|gade|"
    r"vej|vägen|gatan|gata|gate|katu|tie)\s\d{1,4}[a-zA-Z]?(?!\w)"
    r"|(?<!\w)(?:\d{1,4}(?:\s?bis)?,?\s)?(?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Pp]lace|[Cc]hemin|Calle|Avenida|Avda\.|Paseo|Plaza|Via|Viale|Piazza|"
    r"Corso|Rua|Travessa|ul\.|ulica|al\.)\s(?:(?:de|du|des|del|della|la|le|les|da|do|dos|el|los|las|di|d')\s?){0,3}(?:[\w'’.-]{2,20}\s){0,3}"
    r"[\w'’.-]{2,20}(?:,?\s\d{1,4}[a-zA-Z]?(?:\s?,?\s?(?:\d{1,2}º?\s?[A-Z]?))?)(?!\w)"
)
_CORNER = re.compile(
    rf"(?<!\w)(?:the )?corner of (?:{_WORD}\s{{1,2}}){{1,4}}and (?:{_WORD}\s){{0,3}}{_WORD}"
)
_STATE_AND_ZIP = re.compile(r"(?<![\w.])[A-Z]{2}\s{1,2}\d{5}(?:-\d{4})?(?!\w)")
_BRITISH_CODE = re.compile(
    r"(?<!\w)(?:[A-PR-UWYZ][A-HK-Y]?\d[A-HJKPSTUW\d]?|GIR)\s\d[ABD-HJLNP-UW-Z]{2}(?!\w)"
)

_HAN = r"[\u3400-\u9fff]"
_REGIONS = (
    "北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|"
    "青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|广州|深圳|杭州|南京|成都|武汉|西安|苏州|长沙|郑州|青岛|大连|厦门|宁波|昆明|合肥|"
    "福州|济南|沈阳|哈尔滨|长春|石家庄|太原|南昌|贵阳|南宁|海口|兰州|银川|西宁|拉萨|乌鲁木齐|呼和浩特|台北|新北|高雄|台中|台南|桃园|"
    "新竹|九龙|新界|珠海|佛山|东莞|无锡|常州|温州|绍兴|嘉兴|泉州|烟台|潍坊|洛阳"
)
_NUMBER = r"(?:\d{1,5}|[一二三四五六七八九十百零〇]{1,5})"
_STOP = "我你他她您它在到去住往是址了吧吗的请送寄从来回于为给，。"
_PLAIN_HAN = rf"(?:(?![{_STOP}]){_HAN})"
_CHINESE = re.compile(
    rf"(?:(?:(?:{_REGIONS})(?:省|市|自治区|特别行政区)?|{_PLAIN_HAN}{{2,6}}?(?:省|自治区))\s?)?"
    rf"(?:(?:{_REGIONS}|{_PLAIN_HAN}{{2,5}}?)(?:市|地区|州|盟)\s?)?"
    rf"(?:{_PLAIN_HAN}{{1,5}}?(?:区|县|旗|镇|乡|新区|开发区)\s?){{0,3}}"
    rf"(?:{_PLAIN_HAN}{{1,8}}?(?:路|街|大街|大道|道|巷|弄|胡同|里|村|段|公路|广场|花园|小区|苑|社区|园)\s?){{1,3}}"
    rf"(?:{_NUMBER}\s?(?:号|弄|巷|段|栋|幢|楼|座|单元|室|层|户|之)(?:院|楼|大厦)?\s?(?:[A-Za-z]?\d{{0,5}}(?:栋|幢|楼|座|单元|室|层|房|户|号)\s?)*"
    rf"(?:{_NUMBER}(?:栋|幢|楼|座|单元|室|层|房|户|号)\s?){{0,5}}(?:{_PLAIN_HAN}{{2,8}}?(?:大厦|小区|花园|公寓|楼|苑)\s?"
    rf"(?:[A-Za-z]?\d{{1,5}}(?:栋|幢|楼|座|单元|室|层|房|户|号)?\s?){{0,4}})?)"
)


class AddressRecognizer:
    """Addresses down to the street or the door, and codes of the post."""

    def find(self, view: View, around: Around) -> Iterator[Finding]:
        """Each address by its own words."""
        text = view.text
        for pattern in (_ENGLISH, _BOX, _EUROPEAN, _CORNER):
            for match in pattern.finditer(text):
                yield _address(match.span(), match[0], Kind.ADDRESS, 0.85)
        for pattern in (_STATE_AND_ZIP, _BRITISH_CODE):
            for match in pattern.finditer(text):
                yield _address(match.span(), match[0], Kind.POSTCODE, 0.7)
        if "号" in text or "室" in text or "楼" in text or "栋" in text or "弄" in text:
            for match in _CHINESE.finditer(text):
                end = match.start() + len(match[0].rstrip())
                yield _address((match.start(), end), match[0], Kind.ADDRESS, 0.9)


def _address(span: tuple[int, int], value: str, kind: Kind, score: float) -> Finding:
    words = re.sub(r"[\s,，.]+", " ", value.lower()).strip()
    return Finding(*span, kind, f"{kind}:{words}", score, "how addresses are written")
