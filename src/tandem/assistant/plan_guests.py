"""Plans what others are told of the user's events: invitations, answers to them (RFC 5546)."""

from __future__ import annotations

from collections.abc import Mapping

from tandem.assistant import calendar_text as series
from tandem.assistant.cards import Origin, Put, Remove, Replace, Send, Step, Write
from tandem.assistant.event_parts import event_and_item, event_span, overlaps
from tandem.assistant.letters import Draft
from tandem.assistant.parsing import events_of, invitation_of
from tandem.assistant.planning import (
    Desk,
    Maker,
    Outcome,
    Told,
    evidence,
    names,
    new_id,
)
from tandem.connectors.records import Address, Item


def with_guests(desk: Desk, text: str, people: tuple[tuple[Address, Origin], ...]) -> str:
    """The event with these people invited by the user."""
    guests = tuple((one.name, one.address) for one, _ in people)
    me = (desk.known.user_name, desk.known.user_email)
    return series.with_attendees(text, guests, me, desk.now)


def invitation_letter(
    desk: Desk, text: str, title: str, shown: str, people: tuple[Address, ...],
    method: str = "REQUEST",
) -> Send:  # fmt: skip
    """The mail that invites people, or tells them that an event is off."""
    draft = Draft(
        people, title, f"{title}\n{shown}", calendar=(method, series.with_method(text, method))
    )
    return Send(desk.writer.letter(draft, desk.now, new_id()))


def invite(desk: Desk) -> Outcome:
    """People added to an event, and the invitation sent to them."""
    event, item = event_and_item(desk)
    people = desk.people("attendees")
    if not people:
        raise desk.need("attendees", "ask_to")
    text = with_guests(desk, item.text, people)
    title = desk.say("event_invite", people=names(people, desk.language), title=event.summary)
    shown = event_span(desk, event)
    letter = invitation_letter(desk, text, event.summary, shown, tuple(one for one, _ in people))
    lines = [desk.line("people", str(one), origin) for one, origin in people]
    lines.append(desk.line("when", shown, Origin.OWN))
    return Step(
        desk.call.tool,
        title,
        (Replace("calendar", item, text), letter),
        tuple(lines),
        (evidence(event),),
        title,
    )


def answer_invitation(desk: Desk) -> Outcome:
    """Yes, no or perhaps to an invitation: the event into the calendar, the reply to its sender."""
    mail = desk.mail()
    refs = desk.knowing.mail_refs([mail.message_id])
    text = invitation_of(desk.knowing.stores.mailbox.read(refs[mail.message_id]))
    found = events_of(Item("", text, ""), desk.zone, desk.now) if text else iter(())
    event = next((one for one, _ in found), None)
    if text is None or event is None:
        return Told(desk.say("no_invitation"), (evidence(mail),))
    answer = desk.text("answer") or "accept"
    partstat = {"accept": "ACCEPTED", "decline": "DECLINED"}.get(answer, "TENTATIVE")
    own, reply = series.answered(text, desk.known.user_email, partstat, desk.now)
    writes: list[Write] = []
    there = desk.knowing.calendar_item(event.uid)
    if answer != "decline":
        writes.append(Replace("calendar", there, own) if there else Put("calendar", event.uid, own))
    elif there:
        writes.append(Remove("calendar", there))
    to = Address("" if event.organizer else mail.sender_name, event.organizer or mail.sender)
    heading = desk.say(f"invitation_{answer}", title=event.summary)
    words = desk.text("body")
    draft = Draft(
        (to,), heading, words or heading, in_reply_to=mail.message_id, calendar=("REPLY", reply)
    )
    writes.append(Send(desk.writer.letter(draft, desk.now, new_id())))
    known = any(to.address in contact.emails for contact in desk.known.contacts)
    lines = (
        desk.line("to", to.address, Origin.OWN if known else Origin.UNTRUSTED),
        desk.line("when", event_span(desk, event), Origin.UNTRUSTED),
        *([desk.line("place", event.location, Origin.UNTRUSTED)] if event.location else ()),
        *overlaps(desk, event.start, event.end, but=event.uid),
    )
    return Step(desk.call.tool, heading, tuple(writes), lines, (evidence(mail),), heading)


MAKERS: Mapping[str, Maker] = {
    "event_invite": invite,
    "invitation_answer": answer_invitation,
}
