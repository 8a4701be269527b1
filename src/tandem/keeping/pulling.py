"""Brings what changed on the servers into the mirror: by sync-token and by UIDVALIDITY and MODSEQ.

What the user has changed here and the outbox has not delivered stays as it is here; whether it can
be delivered over what changed there, the outbox finds out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tandem.connectors.mime import head_of
from tandem.connectors.ports import Mailbox, Shelf, Stores
from tandem.connectors.records import Mail, MailChanges, MailRef
from tandem.errors import Conflict
from tandem.keeping.mirror import Mirror, drop_item, put_item
from tandem.keeping.mirror_mail import add_mail, forget_mail, index_mail, set_flags
from tandem.keeping.writes import SHELVES, FolderWrite, ItemWrite, ShelfName, shelf_of

NUM_TEXTS = 500


@dataclass(frozen=True, slots=True)
class Pulled:
    """How much came. `num_texts_left`: mails of which only the header is here as yet."""

    num_items: int
    num_mails: int
    num_texts_left: int


def pull(
    mirror: Mirror,
    remote: Stores,
    *,
    shelves: tuple[ShelfName, ...] = SHELVES,
    with_mail: bool = True,
    num_texts: int = NUM_TEXTS,
) -> Pulled:
    """Bring everything new; at most `num_texts` mails with their text, the newest first.

    Each folder and each shelf is one transaction: cut off anywhere, the next call goes on. Raises a
    `StoreFault`.
    """
    # Not beside a delivery: what it has just done there would look like somebody else's.
    with mirror.delivering():
        num_items = sum(_pull_shelf(mirror, name, shelf_of(remote, name)) for name in shelves)
        num_mails = _pull_mail(mirror, remote.mailbox) if with_mail else 0
        if with_mail:
            _fetch_texts(mirror, remote.mailbox, num_texts)
    (left,) = mirror.database.execute("SELECT count(*) FROM mails WHERE raw IS NULL").fetchone()
    return Pulled(num_items, num_mails, left)


def _pull_shelf(mirror: Mirror, name: ShelfName, shelf: Shelf) -> int:
    place = f"shelf {name}"
    changes = shelf.changes(_token(mirror, place))
    pending = {
        each.write.href
        for each in mirror.waiting()
        if isinstance(each.write, ItemWrite) and each.write.shelf == name
    }
    with mirror.database:
        gone = set(changes.gone)
        if changes.is_anew:
            here = {item.href for item in getattr(mirror.stores, name).items()}
            gone |= here - {item.href for item in changes.changed}
        for href in gone - pending:
            drop_item(mirror, name, href)
        here_now = {item.href: item.text for item in getattr(mirror.stores, name).items()}
        for item in changes.changed:
            if item.href not in pending and here_now.get(item.href) != item.text:
                put_item(mirror, name, item.href, item.text)
        _keep_token(mirror, place, changes.token)
    return len(changes.changed) + len(gone)


# --- mail ---------------------------------------------------------------------------------------


def _pull_mail(mirror: Mirror, box: Mailbox) -> int:
    folders = {folder.name: folder.role for folder in box.folders()}
    making = {
        each.write.name: each.write.is_made
        for each in mirror.waiting()
        if isinstance(each.write, FolderWrite)
    }
    with mirror.database as kept:
        for name in [each.name for each in mirror.mailbox.folders()]:
            if name not in folders and not making.get(name, False):
                rows = kept.execute("SELECT id FROM mails WHERE folder = ?", (name,)).fetchall()
                for (mail,) in rows:
                    if not mirror.is_pending(mail=mail):
                        forget_mail(mirror, mail)
                kept.execute(
                    "DELETE FROM folders WHERE name = ? AND NOT EXISTS"
                    " (SELECT 1 FROM mails WHERE folder = folders.name)",
                    (name,),
                )
        for name, role in folders.items():
            if making.get(name, True):
                kept.execute("INSERT OR REPLACE INTO folders VALUES (?, ?)", (name, role))
    return sum(_pull_folder(mirror, box, name) for name in folders)


def _pull_folder(mirror: Mirror, box: Mailbox, folder: str) -> int:
    place = f"folder {folder}"
    try:
        changes = box.changes(folder, _token(mirror, place))
    except Conflict:
        return 0  # deleted at this moment; the next round sees it
    with mirror.database:
        known = _known(mirror, folder)
        if changes.is_anew:
            known = _matched_anew(mirror, known, changes)
        for ref in changes.gone:
            mail = known.get((ref.uid, ref.validity))
            if mail is not None and not mirror.is_pending(mail=mail):
                forget_mail(mirror, mail)
        for found in changes.changed:
            _take(mirror, folder, found, known.get((found.ref.uid, found.ref.validity)))
        _keep_token(mirror, place, changes.token)
    return len(changes.changed) + len(changes.gone)


def _take(mirror: Mirror, folder: str, found: Mail, mail: int | None) -> None:
    """A mail of the server: new here, or with other flags."""
    if mail is None:
        if mirror.database.execute(
            "SELECT 1 FROM left_places WHERE remote_folder = ? AND remote_uid = ?"
            " AND remote_validity = ? AND mail IN (SELECT mail FROM acts WHERE state != 'done')",
            (found.ref.folder, found.ref.uid, found.ref.validity),
        ).fetchone():
            return  # thrown away here, which the server will learn
        add_mail(
            mirror, folder, None, found.head, found.flags, found.received_at, found.size, found.ref
        )
        return
    if not mirror.is_pending(mail=mail):
        (flags,) = mirror.database.execute(
            "SELECT flags FROM mails WHERE id = ?", (mail,)
        ).fetchone()
        if frozenset(flags.split()) != found.flags:
            set_flags(mirror, mail, found.flags)


def _known(mirror: Mirror, folder: str) -> dict[tuple[int, int], int]:
    """The ids of the mails that the server has in this folder, by uid and validity."""
    rows = mirror.database.execute(
        "SELECT remote_uid, remote_validity, id FROM mails WHERE remote_folder = ?", (folder,)
    ).fetchall()
    return {(row[0], row[1]): row[2] for row in rows}


def _matched_anew(
    mirror: Mirror, known: Mapping[tuple[int, int], int], changes: MailChanges
) -> dict[tuple[int, int], int]:
    """After a new UIDVALIDITY: the same mails under new uids, by Message-ID and size.

    A mail that is no longer there is forgotten; one with a waiting act keeps its old place, which
    the outbox then finds empty.
    """
    database = mirror.database
    by_name: dict[tuple[str, int], list[int]] = {}
    for mail in known.values():
        row = database.execute(
            "SELECT message_id, size FROM mails WHERE id = ?", (mail,)
        ).fetchone()
        by_name.setdefault((row[0], row[1]), []).append(mail)
    matched: dict[tuple[int, int], int] = {}
    for found in changes.changed:
        same = by_name.get((found.head.message_id, found.size))
        if same:
            mail = same.pop()
            matched[found.ref.uid, found.ref.validity] = mail
            database.execute(
                "UPDATE mails SET remote_uid = ?, remote_validity = ? WHERE id = ?",
                (found.ref.uid, found.ref.validity, mail),
            )
    for mail in {*known.values()} - {*matched.values()}:
        if not mirror.is_pending(mail=mail):
            forget_mail(mirror, mail)
    return matched


def _fetch_texts(mirror: Mirror, box: Mailbox, num_texts: int) -> None:
    rows = mirror.database.execute(
        "SELECT id, remote_folder, remote_uid, remote_validity FROM mails WHERE raw IS NULL"
        " AND remote_folder IS NOT NULL ORDER BY remote_folder, received_at DESC LIMIT ?",
        (num_texts,),
    ).fetchall()
    for mail, *place in rows:
        try:
            raw = box.read(MailRef(*place))
        except Conflict:
            continue  # gone at this moment
        with mirror.database as kept:
            kept.execute("UPDATE mails SET raw = ? WHERE id = ?", (raw, mail))
            index_mail(mirror, mail, head_of(raw), raw)


def _token(mirror: Mirror, place: str) -> str:
    row = mirror.database.execute("SELECT token FROM tokens WHERE place = ?", (place,)).fetchone()
    return row[0] if row else ""


def _keep_token(mirror: Mirror, place: str, token: str) -> None:
    mirror.database.execute("INSERT OR REPLACE INTO tokens VALUES (?, ?)", (place, token))
