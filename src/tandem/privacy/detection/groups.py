"""Nationalities, religions and the like: closed lists that need no model."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tandem.personal import Around, Finding, Kind
from tandem.privacy.detection.view import View

_ENGLISH = """Afghan Albanian Algerian American Andorran Angolan Argentine Argentinian Argentinean Armenian
Australian Austrian Azerbaijani Bahamian Bahraini Bangladeshi Barbadian Basque Belarusian Belgian Belizean
Beninese Bhutanese Bolivian Bosnian Botswanan Brazilian British Bruneian Bulgarian Burmese Burundian Cambodian
Cameroonian Canadian Catalan Chadian Chechen Chilean Chinese Colombian Congolese Croatian Cuban Cypriot Czech
Danish Dominican Dutch Ecuadorian Egyptian Emirati English Eritrean Estonian Ethiopian Fijian Filipino Finnish
Flemish French Gabonese Gambian Georgian German Ghanaian Greek Greenlandic Grenadian Guatemalan Guinean Guyanese
Haitian Honduran Hungarian Icelandic Igbo Indian Indonesian Iranian Iraqi Irish Israeli Italian Ivorian Jamaican
Japanese Jordanian Kazakh Kenyan Korean Kosovar Kurdish Kuwaiti Kyrgyz Laotian Latvian Lebanese Liberian Libyan
Lithuanian Luxembourgish Macedonian Malagasy Malawian Malaysian Maldivian Malian Maltese Mauritanian Mauritian
Mexican Moldovan Mongolian Montenegrin Moroccan Mozambican Namibian Nepalese Nepali Nicaraguan Nigerian Norwegian
Omani Pakistani Palestinian Panamanian Paraguayan Persian Peruvian Polish Portuguese Qatari Romanian Russian
Rwandan Salvadoran Samoan Saudi Scottish Senegalese Serbian Singaporean Slovak Slovakian Slovene Slovenian Somali
Spanish Sudanese Surinamese Swazi Swedish Swiss Syrian Taiwanese Tajik Tanzanian Thai Tibetan Togolese Tongan
Tunisian Turkish Turkmen Ugandan Ukrainian Uruguayan Uyghur Uzbek Venezuelan Vietnamese Welsh Yemeni Zambian
Zimbabwean Muslim Christian Jewish Buddhist Hindu Sikh Catholic Protestant Orthodox Mormon Atheist Republican
Democrat Hispanic Latino Latina Caucasian Asian African European Arab Arabic Scot Briton Dane Swede Finn Pole
Spaniard Turk Serb Croat""".split()
_PLURAL = "s?"
# In lower case some of these are something else: to polish, fine china, an orthodox view.
_LOWER_TOO = [
    word
    for word in _ENGLISH
    if word not in ("Polish", "Scotch", "Turkmen", "Orthodox", "Basque", "Pole", "Scot")
]
_PATTERN = re.compile(
    rf"\b(?:(?:{'|'.join(_ENGLISH)}){_PLURAL}|(?:{'|'.join(_LOWER_TOO).lower()}){_PLURAL}|(?:{'|'.join(_ENGLISH).upper()}))\b"
    "|(?:汉|回|藏|维吾尔|苗|彝|壮|满|蒙古|朝鲜|土家|傣|白|哈萨克|侗|瑶)族|(?:穆斯林|基督徒|天主教徒|佛教徒|共产党员|中共党员|民主党派)"
)


class GroupRecognizer:
    """Words for the group that somebody belongs to."""

    def find(self, view: View, around: Around) -> Iterator[Finding]:
        """Each such word."""
        for match in _PATTERN.finditer(view.text):
            key = f"{Kind.GROUP}:{match[0].lower()}"
            yield Finding(*match.span(), Kind.GROUP, key, 0.8, "a list of groups")
