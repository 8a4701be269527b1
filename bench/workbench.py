"""WorkBench's office tasks, replayed on the user's own stores, offline, by the state afterwards.

    python -m bench.workbench --data DIR --json       DIR holds workbench.jsonl and workbench_data/
    python -m bench.workbench --data DIR --backend files   quick: plain files instead of servers
    python -m bench.workbench --data DIR --half dev   the templates that may be looked at

Mail, calendar and contacts lie on Dovecot and Radicale; the customers and the task board are tables
that the user keeps, as CSV files. There is no table of web visits in the data, so conditions on
them cannot be answered; a task whose right answer is to do nothing succeeds when nothing happens.
The user says yes to every card. Base templates are halved by a hash: those of `dev` were looked at
while building, those of `held` were only measured.

Keys: `calendar_mail` and `multi_domain` (shares with exactly the expected state), `calendar`,
`email`, `tables` (tasks on the tables alone), `acted_wrong` (share where something else changed),
`by_half`.
"""

from __future__ import annotations

import argparse
import ast
import csv
import hashlib
import json
import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bench.data_files import folder_with
from bench.life_servers import ServersBackend
from bench.lives import FilesBackend, Fixed, Life
from bench.outcomes import Shown, judge, state_of
from bench.results_file import write_result
from tandem.assistant.assistant import Assistant
from tandem.assistant.knowing import Knowing
from tandem.assistant.performing import Hands
from tandem.bootstrap_assistant import device_reader
from tandem.connectors import edits, tables
from tandem.connectors.cards import new_card
from tandem.connectors.ports import Stores
from tandem.connectors.records import MailRef
from tandem.keeping.journal import Journal
from tandem.understanding.reading import Reader

UTC = ZoneInfo("UTC")
NOW = datetime(2023, 11, 30, tzinfo=UTC)
"""The moment at which all tasks of WorkBench are asked."""
ME = "sam@atlas.com"
TABLES = {
    "customer_relationship_manager": "customer_relationship_manager_data.csv",
    "project_tasks": "project_tasks.csv",
}
ON_TABLES = ("customer_relationship_manager", "project_management")
KINDS = ("calendar", "email", "multi_domain", *ON_TABLES)
SEED = 3
BACKENDS: Mapping[str, Any] = {"files": FilesBackend, "servers": ServersBackend}


def rows_of(path: Path) -> list[dict[str, str]]:
    """A CSV table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_life(folder: Path, target: Path) -> None:
    """The sandbox in the layout of a life; ids are kept as UIDs and Message-IDs."""
    people: set[str] = set()
    for place in ("calendar", "contacts", "mail/INBOX", "mail/Sent", "mail/Archive", "tables"):
        (target / place).mkdir(parents=True)
    for row in rows_of(folder / "calendar_events.csv"):
        people.add(row["participant_email"])
        start = datetime.fromisoformat(row["event_start"]).replace(tzinfo=UTC)
        end = start + timedelta(minutes=int(row["duration"]))
        text = edits.new_event(
            row["event_id"], row["event_name"], start, end, now=NOW,
            attendees=(row["participant_email"],),
        )  # fmt: skip
        (target / "calendar" / f"{row['event_id']}.ics").write_text(text, "utf-8", newline="")
    for row in rows_of(folder / "emails.csv"):
        people.add(row["sender/recipient"])
        place = target / "mail" / ("INBOX" if row["inbox/outbox"] == "inbox" else "Sent")
        (place / f"{row['email_id']}.eml").write_bytes(b"X-Flags: seen\n" + _mail(row).as_bytes())
    for address in sorted(people):
        card = new_card(address, _name(address), mails=[address])
        (target / "contacts" / f"{address}.vcf").write_text(card, "utf-8", newline="")
    for name, file in TABLES.items():
        text = (folder / file).read_text("utf-8")
        (target / "tables" / f"{name}.csv").write_text(text, "utf-8", newline="")
    profile = {"name": "Sam", "email": ME, "timezone": "UTC", "now": NOW.isoformat()}
    (target / "profile.json").write_text(json.dumps(profile), "utf-8")


def _mail(row: Mapping[str, str]) -> EmailMessage:
    other = row["sender/recipient"]
    mail = EmailMessage()
    is_in = row["inbox/outbox"] == "inbox"
    mail["From"], mail["To"] = (_named(other), ME) if is_in else (ME, _named(other))
    at = datetime.fromisoformat(row["sent_datetime"]).replace(tzinfo=UTC)
    mail["Subject"], mail["Date"] = row["subject"], format_datetime(at)
    mail["Message-ID"] = f"<{row['email_id']}@atlas.com>"
    mail.set_content(row["body"].replace("\\n", "\n"))
    return mail


def _name(address: str) -> str:
    return " ".join(part.title() for part in address.partition("@")[0].split("."))


def _named(address: str) -> str:
    return f"{_name(address)} <{address}>"


# --- what must follow ---------------------------------------------------------------------------


def calls_of(answer: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The reference calls: ('calendar.delete_event', {'event_id': ...})."""
    for text in ast.literal_eval(answer):
        node = ast.parse(text, mode="eval").body
        assert isinstance(node, ast.Call)
        name = ast.unparse(node.func).removesuffix(".func")
        yield name, {str(k.arg): str(ast.literal_eval(k.value)) for k in node.keywords}


@dataclass(slots=True)
class Expected:
    """What must be true afterwards: calendar and mail as in the format of outcomes, and the tables'
    rows by name. `is_beyond`: the answer needs something that no store here can hold.
    """

    state: dict[str, Any]
    rows: dict[str, dict[str, dict[str, str]]]
    added: dict[str, list[dict[str, str]]]
    removed: dict[str, set[str]]
    is_beyond: bool = False


def expectation(answer: str, mails: Mapping[str, str]) -> Expected:
    """What must be true afterwards."""
    calendar: dict[str, list[Any]] = {"added": [], "changed": [], "removed": []}
    mail: dict[str, list[Any]] = {"sent": [], "moved": []}
    found = Expected(
        {"calendar": calendar, "mail": mail}, defaultdict(lambda: defaultdict(dict)),
        defaultdict(list), defaultdict(set),
    )  # fmt: skip
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
        elif not _row_call(name, dict(given), found):
            found.is_beyond = True
    return found


def _row_call(name: str, given: dict[str, str], found: Expected) -> bool:
    place, _, verb = name.partition(".")
    table = {"customer_relationship_manager": "customer_relationship_manager",
             "project_management": "project_tasks"}.get(place)  # fmt: skip
    if table is None:
        return False
    key = given.pop("customer_id", given.pop("task_id", ""))
    if verb.startswith("update"):
        found.rows[table][key][given["field"]] = given["new_value"]
    elif verb.startswith("delete"):
        found.removed[table].add(key)
    else:
        found.added[table].append(given)
    return True


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
        return {
            "to": [given["recipient"]],
            "subject": given["subject"],
            "body_contains": [line for line in given["body"].split("\n") if line.strip()],
        }  # fmt: skip
    if name == "email.forward_email":
        return {"to": [given["recipient"]]}
    return {"to": [mails[given["email_id"]]], "in_reply_to": _id(given)}


Rows = dict[str, dict[str, str]]


def table_rows(stores: Stores) -> dict[str, Rows]:
    """Every table as its rows by key."""
    found: dict[str, Rows] = {}
    for item in stores.tables.items():
        sheet = tables.parse(item.text)
        assert sheet is not None  # they were tables before
        name = item.href.rpartition("/")[2].removesuffix(".csv")
        keys = tables.keys_of(sheet.rows)
        found[name] = {
            key: dict(zip(sheet.columns, row, strict=True))
            for key, row in zip(keys, sheet.rows, strict=True)
        }
    return found


def row_faults(
    expected: Expected, before: Mapping[str, Rows], after: Mapping[str, Rows]
) -> list[str]:
    """What is not as expected in the tables."""
    faults: list[str] = []
    for table, rows in before.items():
        wanted = {
            key: {**row, **expected.rows[table].get(key, {})}
            for key, row in rows.items()
            if key not in expected.removed[table]
        }
        now = dict(after[table])
        new = {key: now.pop(key) for key in tuple(now) if key not in rows}
        added = expected.added[table]
        fits = len(new) == len(added) and all(
            any(given.items() <= row.items() for row in new.values()) for given in added
        )
        if not fits:
            faults.append(f"{table}: added {list(new.values())}, not {added}")
        if now != wanted:
            kept = {key: row for key, row in rows.items() if now.get(key) != row}
            is_deed = any(now.get(key) != wanted.get(key) for key in kept)
            what = "rows changed that should not" if is_deed else "rows are not as they should be"
            faults.append(f"{table}: {what}")
    return faults


# --- running ------------------------------------------------------------------------------------


class Sandbox:
    """The loaded sandbox: one conversation per task, everything taken back after it.

    That undo restores the state exactly is checked each time; where it does not, the run ends.
    """

    def __init__(self, life: Life, reader: Reader, mails: Mapping[str, str]) -> None:
        self._life, self._reader, self._mails = life, reader, mails
        clock = Fixed(NOW.timestamp())
        self._journal = Journal(life.journal, life.stores, clock)
        self._hands = Hands(self._journal, clock)
        self._knowing = Knowing(life.stores, life.person, clock)
        self._raw: dict[MailRef, bytes] = {}
        self._before = state_of(life.stores, (), self._raw)
        self._rows = table_rows(life.stores)

    def run(self, task: Mapping[str, Any]) -> list[str]:
        """What is not as it should be after one task."""
        expected = expectation(task["answer"], self._mails)
        sent_before = set(self._life.sent())
        assistant = Assistant(self._reader, self._knowing, self._hands, "en")
        reply = assistant.say(task["utterance"])
        for card in reply.waiting:
            assistant.answer(card.id, yes=True)
        sent = [raw for raw in self._life.sent() if raw not in sent_before]
        after = state_of(self._life.stores, sent, self._raw)
        shown = Shown(reply.text, False, False, len(reply.waiting))
        faults = judge({"expect": expected.state}, self._before, after, shown, UTC, NOW)
        faults += row_faults(expected, self._rows, table_rows(self._life.stores))
        if expected.is_beyond:
            faults.append("it needs a table of web visits")
        self._take_back()
        return faults

    def _take_back(self) -> None:
        for act in self._hands.done(200):
            self._hands.undo(act.id)
        now = state_of(self._life.stores, (), self._raw)
        if judge({"expect": {}}, self._before, now, Shown("", False, False, 0), UTC, NOW):
            raise SystemExit("Undo did not restore the sandbox.")
        if table_rows(self._life.stores) != self._rows:
            raise SystemExit("Undo did not restore the tables.")


def half_of(task: Mapping[str, Any]) -> str:
    """`dev` or `held`, by the base template."""
    digest = hashlib.sha256(task["base_template"].encode()).hexdigest()
    return "dev" if int(digest, 16) % 2 else "held"


def share(rights: Sequence[bool]) -> float:
    """Of all."""
    return round(sum(rights) / max(1, len(rights)), 4)


def measure(
    tasks: Sequence[Mapping[str, Any]], mails: Mapping[str, str],
    life: Life, *, shows: bool,
) -> dict[str, Any]:  # fmt: skip
    """All tasks, one after another."""
    reader = device_reader()
    rights: dict[str, list[bool]] = {kind: [] for kind in KINDS}
    halves: dict[str, list[bool]] = defaultdict(list)
    wrong = 0
    sandbox = Sandbox(life, reader, mails)
    for task in tasks:
        faults = sandbox.run(task)
        rights[task["domain"]].append(not faults)
        halves[f"{task['domain']} {half_of(task)}"].append(not faults)
        wrong += any("changed" in one or "is gone" in one for one in faults)
        if faults and shows:
            print(
                task["domain"], task["utterance"], "|", task["answer"][:150], "|", faults[0][:300]
            )
    return {
        "num_tasks": {kind: len(found) for kind, found in rights.items()},
        "calendar_mail": share(rights["calendar"] + rights["email"]),
        "multi_domain": share(rights["multi_domain"]),
        "calendar": share(rights["calendar"]),
        "email": share(rights["email"]),
        "tables": share([right for kind in ON_TABLES for right in rights[kind]]),
        "acted_wrong": round(wrong / max(1, sum(map(len, rights.values()))), 4),
        "by_half": {name: [sum(found), len(found)] for name, found in sorted(halves.items())},
    }


def main() -> None:
    """Run the tasks and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--backend", choices=tuple(BACKENDS), default="servers")
    parser.add_argument("--sample", type=int, help="so many of each kind")
    parser.add_argument("--half", choices=("all", "dev", "held"), default="all")
    parser.add_argument("--domain", choices=KINDS, help="tasks of this kind alone")
    parser.add_argument("--faults", action="store_true", help="list what went wrong (dev alone)")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--no-save", action="store_true", help="leave bench/results alone")
    options = parser.parse_args()
    data = folder_with(options.data, "workbench.jsonl")
    lines = (data / "workbench.jsonl").read_text("utf-8").splitlines()
    tasks = [one for line in lines if (one := json.loads(line))["domain"] in KINDS]
    tasks = [one for one in tasks if options.half in ("all", half_of(one))]
    tasks = [one for one in tasks if options.domain in (None, one["domain"])]
    if options.sample:
        by_kind = [[one for one in tasks if one["domain"] == kind] for kind in KINDS]
        tasks = [
            task for found in by_kind
            for task in random.Random(SEED).sample(found, min(options.sample, len(found)))
        ]  # fmt: skip
    folder = data / "workbench_data"
    mails = {row["email_id"]: row["sender/recipient"] for row in rows_of(folder / "emails.csv")}
    with tempfile.TemporaryDirectory() as root:
        life = Path(root) / "sandbox"
        write_life(folder, life)
        backend = BACKENDS[options.backend](Path(root))
        try:
            shows = options.faults and options.half == "dev"
            with backend.life(life) as copy:
                figures = measure(tasks, mails, copy, shows=shows)
        finally:
            backend.close()
    result = {**figures, "backend": options.backend}
    if not (options.no_save or options.domain or options.half != "all"):
        write_result("workbench", result)
    print(json.dumps(result, indent=None if options.json else 2))


if __name__ == "__main__":
    main()
