"""Joins the assistant: the user's stores, the reader, the hands. Apart from `bootstrap`, as neither
needs the other: an act needs no engine, and a question no mailbox.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tandem.assistant.assistant import Assistant
from tandem.assistant.calling import Linker
from tandem.assistant.knowing import Knowing, Person
from tandem.assistant.performing import Hands
from tandem.assistant.recent import keep, recent
from tandem.bootstrap_stores import file_stores, joined_stores
from tandem.clock import SystemClock
from tandem.config import Paths, Settings, local_zone
from tandem.errors import BadSettings
from tandem.mcp.waiting import Wishes
from tandem.ports import Clock
from tandem.understanding.catalogue import Slot
from tandem.understanding.changes.reader import ChangeReader
from tandem.understanding.encoder_reader import EncoderReader
from tandem.understanding.entries.reader import EntryReader
from tandem.understanding.following import FollowingReader
from tandem.understanding.grammar.reader import GrammarReader
from tandem.understanding.known import Known
from tandem.understanding.linking import Memory, link
from tandem.understanding.reading import Filled, Reader
from tandem.understanding.second_look import SecondLook
from tandem.understanding.structure.reader import StructuredReader
from tandem.understanding.together import TogetherReader

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

__all__ = ["device_reader", "file_stores", "open_assistant", "person_from"]


def device_reader() -> Reader:
    """Who reads a request on the device."""
    plain = TogetherReader(GrammarReader(), EncoderReader())
    inner = SecondLook(ChangeReader(EntryReader(plain), plain))
    return StructuredReader(FollowingReader(inner))


def linker() -> Linker:
    """What finds the record or moment that words mean."""

    def linked(slot: Slot, tool: str, words: str, known: Known) -> Filled:
        return link(slot, tool, words, None, known, Memory())

    return linked


def mcp_server(settings: Settings, paths: Paths) -> Server[Any]:
    """The assistant as an MCP server. Needs the extra `mcp`."""
    from tandem.mcp.serving import Answering, server  # the SDK: a second, and an extra

    def answering() -> Answering:
        wishes = Wishes(paths.data / "mcp-waiting.json")
        return Answering(open_assistant(settings, paths), linker(), wishes)

    return server(answering)


def person_from(settings: Settings) -> Person:
    """The user as the settings say. Raises `BadSettings` for a zone that nobody knows."""
    you = settings.you
    zone = local_zone(you.zone)
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadSettings(
            f"There is no time zone {zone}.",
            remedy="Say it like this: tandem config set you.zone Europe/London.",
        ) from None
    language = "zh" if settings.language == "zh" else "en"
    return Person(you.name, you.email, zone, language, you.home, you.work)


def open_assistant(settings: Settings, paths: Paths, *, clock: Clock | None = None) -> Assistant:
    """One conversation with the assistant, on the user's stores; for as long as the process lives.

    It works on what is on this disk; `bootstrap_stores.finish_acts` then goes to the servers.
    """
    opened = joined_stores(settings, paths, clock=clock)
    person = person_from(settings)
    clock = clock or SystemClock()
    knowing = Knowing(opened.stores, person, clock)
    hands = Hands(opened.journal, clock)
    earlier = recent(_recent_file(paths), clock.now())
    return Assistant(device_reader(), knowing, hands, person.language, recent=earlier)


def keep_recent(assistant: Assistant, paths: Paths) -> None:
    """So that the next process knows what "it" is."""
    keep(_recent_file(paths), assistant.records, SystemClock().now())


def _recent_file(paths: Paths) -> Path:
    return paths.data / "recent-records.json"
