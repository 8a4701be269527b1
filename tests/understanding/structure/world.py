"""A user's records for tests: people, mails, meetings, a table of customers."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tandem.understanding.known import (
    Known,
    KnownContact,
    KnownEvent,
    KnownMail,
    KnownTable,
    KnownTask,
)

ZONE = ZoneInfo("Europe/Oslo")
NOW = datetime(2026, 5, 6, 10, 0, tzinfo=ZONE)  # a Wednesday
ME = "me@fjell.example"


def contact(name: str, address: str, note: str = "") -> KnownContact:
    return KnownContact(address, name, emails=(address,), note=note)


def event(uid: str, title: str, start: datetime, hours: float, *guests: str) -> KnownEvent:
    return KnownEvent(uid, title, start, start + timedelta(hours=hours), attendees=guests)


def mail(number: int, sender: str, days: float, subject: str, to: str = ME) -> KnownMail:
    folder = "Sent" if sender == ME else "INBOX"
    at = NOW - timedelta(days=days)
    return KnownMail(f"<{number}@x>", folder, "", sender, (to,), subject, at)


CUSTOMERS = KnownTable(
    "customers",
    ("customer_id", "name", "owner", "status", "due_date", "visits"),
    (
        ("1", "Nordlys AS", "kari@fjell.example", "Lead", "2026-05-01", "12"),
        ("2", "Havn Bakeri", "kari@fjell.example", "Won", "2026-04-01", "3"),
        ("3", "Solvik Kafé", "ola.berg@fjell.example", "Lead", "2026-06-01", "40"),
        ("4", "Tind Sport", "ola.berg@fjell.example", "Lost", "2026-05-02", "7"),
    ),
    ("1", "2", "3", "4"),
)

WORLD = Known(
    NOW,
    "Europe/Oslo",
    user_name="Me",
    user_email=ME,
    contacts=(
        contact("Kari Lund", "kari@fjell.example"),
        contact("Ola Berg", "ola.berg@fjell.example"),
        contact("Ola Vik", "ola.vik@fjell.example"),
        contact("王芳", "wang@fjell.example"),
        contact("Per Dahl", "per@fjell.example", "landlord"),
    ),
    events=(
        event("lunch", "Lunch", NOW + timedelta(hours=2), 1, "kari@fjell.example"),
        event("review", "Review", NOW + timedelta(days=1, hours=1), 2, "ola.berg@fjell.example"),
        event("plan", "Planning", NOW + timedelta(days=1, hours=4), 1, "kari@fjell.example", ME),
    ),
    tasks=(KnownTask("t", "Pay the bill", NOW.date() - timedelta(days=2)),),
    mails=(
        mail(1, "kari@fjell.example", 5, "Offer"),
        mail(2, "wang@fjell.example", 1, "合同"),
        mail(3, ME, 2, "Question", "per@fjell.example"),
    ),
    tables=(CUSTOMERS,),
)
