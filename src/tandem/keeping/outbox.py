"""The outbox: carries what was done in the mirror to the servers, each act once.

An act goes from `queued` over `trying` to `done`. Whoever finds an act in `trying` (a kill -9, a
cut line) asks the server first whether it happened. A letter has one more state: `committing`, set
just before its last dot; before that it surely is not out, after that only the server can tell, and
where it keeps no copy the act becomes `doubtful` and the user decides. What was changed on the
server meanwhile is a `conflict`: shown, never overwritten. Acts on one item or mail keep their
order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

from tandem.connectors.mime import head_of
from tandem.connectors.ports import Stores
from tandem.connectors.records import MailRef
from tandem.errors import BadRequest, Conflict, StoreBusy, StoreFault, StoreRefused
from tandem.keeping.mirror import Mirror, Waiting, drop_item, put_item
from tandem.keeping.mirror_mail import (
    add_mail,
    remote_place,
    set_remote_place,
    show_remote_mail,
)
from tandem.keeping.writes import (
    AppendWrite,
    ExpungeWrite,
    FlagWrite,
    ItemWrite,
    MoveWrite,
    SendWrite,
    Write,
    decoded,
    encoded,
    happened,
    perform,
    shelf_of,
    with_evidence,
)

_OPEN = "('queued', 'trying', 'committing')"
_STUCK = "('conflict', 'refused', 'doubtful')"


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one round did. `fault` ended it early, where there was one."""

    num_done: int
    num_stuck: int
    num_left: int
    fault: StoreFault | None = None


class Outbox:
    """Delivers the mirror's acts to `remote`.

    `sent_folder`: where a copy of a sent letter goes; empty where the server files it itself.
    """

    def __init__(self, mirror: Mirror, remote: Stores, *, sent_folder: str = "Sent") -> None:
        self._mirror = mirror
        self._database = mirror.database
        self._remote = remote
        self._sent_folder = sent_folder

    def deliver(self) -> Delivered:
        """One round over all acts that are due, in order. Raises nothing of the servers.

        While another process delivers, this one waits: an act in `trying` is either in its hands or
        in nobody's.
        """
        with self._mirror.delivering():
            return self._deliver()

    def _deliver(self) -> Delivered:
        num_done, num_stuck = 0, 0
        rows = self._database.execute(
            f"SELECT number, write, state, mail, not_before FROM acts WHERE state IN {_OPEN}"
            " ORDER BY number"
        ).fetchall()
        blocked = self._blocked()
        fault: StoreFault | None = None
        num_left = 0
        for row in rows:
            write = decoded(row[1])
            if row[4] > self._mirror.clock.now() or blocked & _keys(write, row[3]):
                blocked |= _keys(write, row[3])
                num_left += 1
                continue
            try:
                self._one(row[0], write, row[2], row[3])
                num_done += 1
            except _Stuck:
                blocked |= _keys(write, row[3])
                num_stuck += 1
            except StoreFault as error:
                fault = error
                break
        return Delivered(num_done, num_stuck, len(rows) - num_done - num_stuck, fault)

    # --- what the user decides ------------------------------------------------------------------

    def resolve(self, number: int, keep: Literal["mine", "theirs"]) -> None:
        """Decide a conflict, a refusal or a doubt. `mine`: do it all the same, over what is there
        now; `theirs`: give the act up and show what the server has. Raises `BadRequest` if the act
        is not stuck, and a `StoreFault`.
        """
        row = self._database.execute(
            f"SELECT write, mail FROM acts WHERE number = ? AND state IN {_STUCK}", (number,)
        ).fetchone()
        if row is None:
            raise BadRequest("There is no such act to decide on.", remedy="List them again.")
        write = decoded(row[0])
        if isinstance(write, ItemWrite):
            current = shelf_of(self._remote, write.shelf).get(write.href)
            text = current.text if current else None
            if keep == "mine":
                write = msgspec.structs.replace(write, before=text)
            with self._database as kept:
                if keep == "theirs":
                    self._show(write, text)
                state = "queued" if keep == "mine" else "dropped"
                kept.execute(
                    "UPDATE acts SET state = ?, write = ? WHERE number = ?",
                    (state, encoded(write), number),
                )
            return
        place = remote_place(self._mirror, row[1]) if row[1] is not None else None
        there = self._remote.mailbox.find(place) if place and keep == "theirs" else None
        with self._database as kept:
            if keep == "theirs" and row[1] is not None:
                show_remote_mail(self._mirror, row[1], there)
            state = "queued" if keep == "mine" else "dropped"
            kept.execute("UPDATE acts SET state = ? WHERE number = ?", (state, number))

    def _show(self, write: ItemWrite, text: str | None) -> None:
        if text is None:
            drop_item(self._mirror, write.shelf, write.href)
        else:
            put_item(self._mirror, write.shelf, write.href, text)

    # --- one act --------------------------------------------------------------------------------

    def _one(self, number: int, write: Write, state: str, mail: int | None) -> None:
        if state == "queued":
            write = self._begun(number, write, mail)
        else:
            took_effect, place = self._happened(number, write, state)
            if took_effect:
                self._done(number, write, mail, place)
                return
        place = None
        try:
            if isinstance(write, SendWrite):
                self._remote.post.send(
                    write.letter, about_to=lambda: self._set(number, "committing")
                )
            else:
                place = perform(self._remote, write)
        except Conflict as error:
            self._stuck(number, "conflict", error)
        except StoreRefused as error:
            self._stuck(number, "refused", error)
        except StoreBusy:
            self._set(number, "queued")  # it did nothing
            raise
        self._done(number, write, mail, place)

    def _begun(self, number: int, write: Write, mail: int | None) -> Write:
        """Claim it, unless the user has just recalled it; the evidence goes to the disk first."""
        write = self._translated(number, write, mail)
        try:
            write = with_evidence(self._remote, write)
        except Conflict as error:
            self._stuck(number, "conflict", error)
        with self._database as kept:
            cursor = kept.execute(
                "UPDATE acts SET state = 'trying', write = ? WHERE number = ? AND state = 'queued'",
                (encoded(write), number),
            )
        if cursor.rowcount == 0:
            raise _Stuck
        return write

    def _happened(self, number: int, write: Write, state: str) -> tuple[bool, MailRef | None]:
        if isinstance(write, SendWrite) and state == "trying":
            return False, None  # the last dot was never sent
        took_effect, place = happened(self._remote, write)
        if took_effect is None:
            self._stuck(
                number,
                "doubtful",
                StoreRefused("The connection ended while the letter was handed over."),
            )
        return bool(took_effect), place

    def _translated(self, number: int, write: Write, mail: int | None) -> Write:
        """The mirror's place of a mail exchanged for the server's."""
        if not isinstance(write, MoveWrite | FlagWrite | ExpungeWrite) or mail is None:
            return write
        place = remote_place(self._mirror, mail)
        if place is None:
            self._stuck(number, "conflict", Conflict("The server no longer has the mail."))
        return msgspec.structs.replace(write, ref=place)

    def _done(self, number: int, write: Write, mail: int | None, place: MailRef | None) -> None:
        with self._database as kept:
            kept.execute("UPDATE acts SET state = 'done' WHERE number = ?", (number,))
            if mail is not None and isinstance(write, MoveWrite | AppendWrite):
                set_remote_place(self._mirror, mail, place)
            if isinstance(write, SendWrite):
                self._file(write)

    def _file(self, write: SendWrite) -> None:
        """A copy of the letter into Sent, where the server does not see to it."""
        folder = self._sent_folder
        if not folder:
            return
        raw, now = write.letter.raw, float(int(self._mirror.clock.now()))
        copy = AppendWrite(folder, raw, ("seen",), now)
        mail = add_mail(self._mirror, folder, raw, head_of(raw), ("seen",), now, len(raw))
        self._mirror.join_outbox(copy, mail=mail, key=f"copy of {write.letter.message_id}")

    def _set(self, number: int, state: str) -> None:
        with self._database as kept:
            kept.execute("UPDATE acts SET state = ? WHERE number = ?", (state, number))

    def _stuck(self, number: int, state: str, error: StoreFault) -> None:
        with self._database as kept:
            kept.execute(
                "UPDATE acts SET state = ?, reason = ? WHERE number = ?",
                (state, error.message, number),
            )
        raise _Stuck

    def _blocked(self) -> set[str]:
        """Items and mails with a stuck act: what follows on them waits for the user."""
        rows = self._database.execute(
            f"SELECT write, mail FROM acts WHERE state IN {_STUCK}"
        ).fetchall()
        return {key for row in rows for key in _keys(decoded(row[0]), row[1])}


class _Stuck(Exception):
    """The act has been marked and waits."""


def _keys(write: Write, mail: int | None) -> set[str]:
    """What the write touches: acts with a key in common keep their order."""
    if isinstance(write, ItemWrite):
        return {f"{write.shelf} {write.href}"}
    keys = {f"mail {mail}"} if mail is not None else set[str]()
    return keys


def stuck(mirror: Mirror) -> tuple[Waiting, ...]:
    """The acts that wait for the user."""
    return tuple(
        each for each in mirror.waiting() if each.state in ("conflict", "refused", "doubtful")
    )
