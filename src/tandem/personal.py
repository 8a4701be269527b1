"""What is personal: the kinds, a finding, and what is known around a text. Pure.

Policy, the door and the command line speak of these kinds and of no others. A new kind is one line
here; `tandem.privacy.detection` says how each is found.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """What a finding is. The value stands in policy tables, placeholders and the audit."""

    PERSON = "person"
    ORGANISATION = "organisation"
    PLACE = "place"  # a city, country, region or sight: where, but not at which door
    ADDRESS = "address"  # down to the street or the door
    POSTCODE = "postcode"
    COORDINATES = "coordinates"
    PHONE = "phone"
    EMAIL = "email"
    ACCOUNT_NAME = "account_name"  # a user name, handle or messenger id
    URL = "url"  # an address on the web without a secret in it
    IP_ADDRESS = "ip_address"
    DEVICE_ID = "device_id"  # MAC address, IMEI
    PAYMENT_CARD = "payment_card"
    IBAN = "iban"
    BANK_ACCOUNT = "bank_account"  # account, routing and other bank numbers
    CRYPTO_WALLET = "crypto_wallet"
    NATIONAL_ID = "national_id"  # social security and identity card numbers too
    TAX_ID = "tax_id"
    PASSPORT = "passport"
    DRIVING_LICENCE = "driving_licence"
    HEALTH_ID = "health_id"  # patient and health insurance numbers
    PLATE = "plate"
    REFERENCE = "reference"  # orders, bookings, members, employees: numbers that lead to a person
    PASSWORD = "password"  # noqa: S105 - the name of a kind
    SECRET = "secret"  # noqa: S105 - keys, tokens, addresses on the web with a secret in them
    BIRTH_DATE = "birth_date"
    DATE = "date"
    AGE = "age"
    GROUP = "group"  # nationality, religion, political group
    TITLE = "title"  # a form of address or a job


@dataclass(frozen=True, slots=True)
class Finding:
    """`text[start:end]` of the text as it was given is personal.

    `key` is the same for the same thing, however it is written: "13800138000" and
    "+86 138-0013-8000", or "Yajing" and "Song Yajing" where the dictionary knows her. It starts
    with the kind, holds the value in the clear, and so must never be logged or sent.
    `score` is between 0 and 1. `reason` says by what it was found, without the value.
    """

    start: int
    end: int
    kind: Kind
    key: str
    score: float
    reason: str


class Known(Protocol):
    """Finds what is already known: the private dictionary, or what this conversation has shown.

    Thread-safe; sees the text as it was given.
    """

    def matches(self, text: str) -> list[Finding]: ...


@dataclass(frozen=True, slots=True)
class Around:
    """What is known around a text. `field` is the name of what it is the value of, such as
    "password" or "X-Api-Key", where it was a field of JSON, a header or a form.
    """

    known: tuple[Known, ...] = ()
    field: str = ""


NOTHING_AROUND = Around()
