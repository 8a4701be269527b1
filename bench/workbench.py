"""WorkBench's office tasks, replayed on the user's own stores, offline, by the state afterwards.

    python -m bench.workbench --data DIR --json       DIR holds workbench.jsonl and workbench_data/
    python -m bench.workbench --data DIR --sample 30  so many of each kind, drawn by a fixed seed

Calendar and mail tasks run as they are; of the multi-domain tasks those that only touch calendar
and mail can succeed: there is no CRM, no task board and no analytics on a user's device, and a task
whose right answer is to do nothing succeeds when nothing happens. The user says yes to every card.

Keys: `calendar_mail` and `multi_domain` (shares with exactly the expected state), `calendar`,
`email`, `acted_wrong` (share where something else changed).
"""

from __future__ import annotations

import argparse
import ast
import csv
import json
import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bench.data_files import folder_with
from bench.lives import Fixed, files_sent
from bench.outcomes import Shown, State, judge, state_of
from bench.results_file import write_result
from tandem.assistant.assistant import Assistant
from tandem.assistant.knowing import Knowing, Person
from tandem.assistant.performing import Hands
from tandem.bootstrap_assistant import device_reader, file_stores
from tandem.connectors import edits
from tandem.connectors.cards import new_card
from tandem.connectors.ports import Stores
from tandem.keeping.journal import Journal

UTC = ZoneInfo("UTC")
NOW = datetime(2023, 11, 30, tzinfo=UTC)
"""The moment at which all tasks of WorkBench are asked."""
ME = "sam@atlas.com"
KINDS = ("calendar", "email", "multi_domain")
SEED = 3


def rows_of(path: Path) -> list[dict[str, str]]:
    """A CSV table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def load(folder: Path, stores: Stores) -> None:
    """The sandbox as mail, calendar and contacts; ids are kept as UIDs and Message-IDs."""
    people: set[str] = set()
    for row in rows_of(folder / "calendar_events.csv"):
        people.add(row["participant_email"])
        start = datetime.fromisoformat(row["event_start"]).replace(tzinfo=UTC)
        end = start + timedelta(minutes=int(row["duration"]))
        text = edits.new_event(
            row["event_id"], row["event_name"], start, end, now=NOW,
            attendees=(row["participant_email"],),
        )  # fmt: skip
        stores.calendar.add(stores.calendar.href_for(row["event_id"]), text)
    for folder_name in ("Sent", "Archive"):
        if folder_name not in {one.name for one in stores.mailbox.folders()}:
            stores.mailbox.make_folder(folder_name)
    for row in rows_of(folder / "emails.csv"):
        other = row["sender/recipient"]
        people.add(other)
        is_in = row["inbox/outbox"] == "inbox"
        at = datetime.fromisoformat(row["sent_datetime"]).replace(tzinfo=UTC)
        mail = EmailMessage()
        mail["From"], mail["To"] = (_named(other), ME) if is_in else (ME, _named(other))
        mail["Subject"], mail["Date"] = row["subject"], format_datetime(at)
        mail["Message-ID"] = f"<{row['email_id']}@atlas.com>"
        mail.set_content(row["body"].replace("\\n", "\n"))
        place = "INBOX" if is_in else "Sent"
        stores.mailbox.append(place, mail.as_bytes(), frozenset({"seen"}), at.timestamp())
    for address in sorted(people):
        card = new_card(address, _name(address), mails=[address])
        stores.contacts.add(stores.contacts.href_for(address), card)


def _name(address: str) -> str:
    return " ".join(part.title() for part in address.partition("@")[0].split("."))


def _named(address: str) -> str:
    return f"{_name(address)} <{address}>"


def calls_of(answer: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The reference calls: ('calendar.delete_event', {'event_id': ...})."""
    for text in ast.literal_eval(answer):
        node = ast.parse(text, mode="eval").body
        assert isinstance(node, ast.Call)
        name = ast.unparse(node.func).removesuffix(".func")
        yield name, {str(k.arg): str(ast.literal_eval(k.value)) for k in node.keywords}


def expectation(answer: str, mails: Mapping[str, str]) -> dict[str, Any] | None:
    """What must be true afterwards; `None` where it needs more than calendar and mail."""
    calendar: dict[str, list[Any]] = {"added": [], "changed": [], "removed": []}
    mail: dict[str, list[Any]] = {"sent": [], "moved": []}
    for name, given in calls_of(answer):
        if name == "calendar.create_event":
            start = datetime.fromisoformat(given["event_start"]).replace(tzinfo=UTC)
            end = start + timedelta(minutes=int(given["duration"]))
            calendar["added"].append({
                "summary": given["event_name"], "start": start.isoformat(), "end": end.isoformat(),
            })  # fmt: skip
        elif name == "calendar.delete_event":
            calendar["removed"].append(given["event_id"])
        elif name == "calendar.update_event":
            calendar["changed"].append(_update(given))
        elif name == "email.delete_email":
            mail["moved"].append({"message_id": _id(given), "folder": "Trash"})
        elif name in ("email.send_email", "email.reply_email", "email.forward_email"):
            mail["sent"].append(_letter(name, given, mails))
        else:
            return None
    return {"calendar": calendar, "mail": mail}


def _id(given: Mapping[str, str]) -> str:
    return f"<{given['email_id']}@atlas.com>"


def _update(given: Mapping[str, str]) -> dict[str, Any]:
    value, found = given["new_value"], {"uid": given["event_id"]}
    if given["field"] == "event_start":
        found["start"] = datetime.fromisoformat(value).replace(tzinfo=UTC).isoformat()
    elif given["field"] == "event_name":
        found["summary"] = value
    return found


def _letter(name: str, given: Mapping[str, str], mails: Mapping[str, str]) -> dict[str, Any]:
    if name == "email.send_email":
        return {"to": [given["recipient"]], "subject": given["subject"]}
    if name == "email.forward_email":
        return {"to": [given["recipient"]]}
    return {"to": [mails[given["email_id"]]], "in_reply_to": _id(given)}


def run(task: Mapping[str, Any], expect: Mapping[str, Any] | None, desk: Desk) -> list[str]:
    """One task on the sandbox, which is put back afterwards."""
    assistant = Assistant(desk.reader, desk.knowing, desk.hands, "en")
    reply = assistant.say(task["utterance"])
    for card in reply.waiting:
        assistant.answer(card.id, yes=True)
    after = state_of(desk.stores, files_sent(desk.root / "sent"))
    shown = Shown(reply.text, False, False, len(reply.waiting))
    wanted = {"expect": expect or {}}
    faults = judge(wanted, desk.before, after, shown, UTC, NOW)
    if expect is None:
        faults.append("it needs a CRM, a task board or analytics")
    for act in desk.hands.done(200):
        desk.hands.undo(act.id)
    for path in (desk.root / "sent").glob("*.eml"):
        path.unlink()
    return faults


class Desk:
    """The loaded sandbox, its state, and what works on it."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root = root
        self.stores = file_stores(root)
        load(folder, self.stores)
        clock = Fixed(NOW.timestamp())
        self.reader = device_reader()
        self.hands = Hands(Journal(root / "journal.sqlite", self.stores, clock), clock)
        self.knowing = Knowing(self.stores, Person("Sam", ME, "UTC"), clock)
        self.before: State = state_of(self.stores, [])


def share(rights: Sequence[bool]) -> float:
    """Of all."""
    return round(sum(rights) / max(1, len(rights)), 4)


def main() -> None:
    """Run the tasks and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sample", type=int, help="so many of each kind")
    parser.add_argument("--faults", action="store_true", help="also list what went wrong")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--no-save", action="store_true", help="leave bench/results alone")
    options = parser.parse_args()
    data = folder_with(options.data, "workbench.jsonl")
    lines = (data / "workbench.jsonl").read_text("utf-8").splitlines()
    tasks = [json.loads(line) for line in lines]
    folder = data / "workbench_data"
    mails = {row["email_id"]: row["sender/recipient"] for row in rows_of(folder / "emails.csv")}
    rights: dict[str, list[bool]] = {kind: [] for kind in KINDS}
    wrong = 0
    with tempfile.TemporaryDirectory() as root:
        desk = Desk(Path(root), folder)
        for kind in KINDS:
            chosen = [task for task in tasks if task["domain"] == kind]
            if options.sample:
                chosen = random.Random(SEED).sample(chosen, min(options.sample, len(chosen)))
            for task in chosen:
                faults = run(task, expectation(task["answer"], mails), desk)
                rights[kind].append(not faults)
                wrong += any("changed" in one or "is gone" in one for one in faults)
                if faults and options.faults:
                    print(kind, task["utterance"], "|", task["answer"][:150], "|", faults[0][:200])
    result = {
        "num_tasks": {kind: len(found) for kind, found in rights.items()},
        "calendar_mail": share(rights["calendar"] + rights["email"]),
        "multi_domain": share(rights["multi_domain"]),
        "calendar": share(rights["calendar"]),
        "email": share(rights["email"]),
        "acted_wrong": round(wrong / max(1, sum(map(len, rights.values()))), 4),
        "backend": "files",
    }
    if not options.no_save:
        write_result("workbench", result)
    print(json.dumps(result, indent=None if options.json else 2))


if __name__ == "__main__":
    main()
