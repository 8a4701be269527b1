"""Real servers on loopback, started for a test or a bench and gone after it: Dovecot (IMAP),
Radicale (CalDAV and CardDAV) and an SMTP sink.

Radicale is GPL: a process in an environment of its own, never imported. What is missing here is
said by `missing()`, so that a test can tell why it did not run.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RADICALE = ROOT / ".venvs" / "radicale" / "bin" / "python"
DOVECOT = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
USER, PASSWORD = "alice", "secret"
START_SECONDS = 30.0

_DOVECOT = """
protocols = imap lmtp
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain{mechanisms}
first_valid_uid = 1
mail_location = maildir:{root}/mail/%u/Maildir
mail_plugins = quota
mail_max_userip_connections = 50
{users}
passdb {{
  driver = passwd-file
  args = {root}/passwd
}}
userdb {{
  driver = passwd-file
  args = {root}/passwd
}}
plugin {{
  quota = maildir:User quota
  quota_rule = *:storage={quota}
}}
protocol imap {{
  mail_plugins = quota imap_quota
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Drafts {{
    auto = subscribe
    special_use = \\Drafts
  }}
  mailbox Sent {{
    auto = subscribe
    special_use = \\Sent
  }}
  mailbox Trash {{
    auto = subscribe
    special_use = \\Trash
  }}
  mailbox Archive {{
    auto = subscribe
    special_use = \\Archive
  }}
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service imap-urlauth-login {{
  chroot =
}}
service stats {{
  chroot =
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp_port}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A running IMAP server with empty folders for `USER`."""

    port: int
    lmtp_port: int
    root: Path


@dataclass(frozen=True, slots=True)
class Radicale:
    """A running CalDAV and CardDAV server; `calendar` and `contacts` are paths of collections."""

    port: int
    calendar: str
    contacts: str
    root: Path

    @property
    def url(self) -> str:
        """Its root."""
        return f"http://127.0.0.1:{self.port}/"


@dataclass(slots=True)
class Sink:
    """A running SMTP server and what it has taken: (sender, recipients, raw) of each letter.

    `refuses` is what it answers to a recipient, where it is not empty. `on_letter` is called before
    the letter is acknowledged.
    """

    port: int
    letters: list[tuple[str, tuple[str, ...], bytes]] = field(default_factory=list[Any])
    refuses: str = ""
    on_letter: Callable[[bytes], None] | None = None


def missing() -> str:
    """Why the servers cannot run here; empty when they can."""
    lacking = [] if DOVECOT else ["Dovecot (apt-get install dovecot-imapd dovecot-lmtpd)"]
    if not RADICALE.exists():
        lacking.append("Radicale (make .venvs/radicale/.made)")
    return f"missing: {', '.join(lacking)}" if lacking else ""


def free_port() -> int:
    """A port that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def dovecot(*, quota: str = "1G", mechanisms: str = "") -> Iterator[Dovecot]:
    """Run Dovecot; as root its mail belongs to nobody, else to the user."""
    assert DOVECOT, missing()
    with _folder() as root:
        port, lmtp_port = free_port(), free_port()
        is_root = os.geteuid() == 0
        owner = pwd.getpwnam("nobody") if is_root else pwd.getpwuid(os.geteuid())
        group = grp.getgrgid(owner.pw_gid).gr_name
        users = "" if is_root else (
            f"default_login_user = {owner.pw_name}\n"
            f"default_internal_user = {owner.pw_name}\n"
            f"default_internal_group = {group}\n"
        )  # fmt: skip
        mail = root / "mail"
        mail.mkdir()
        if is_root:
            os.chown(mail, owner.pw_uid, owner.pw_gid)
        line = f"{USER}:{{PLAIN}}{PASSWORD}:{owner.pw_uid}:{owner.pw_gid}::{mail}/{USER}::\n"
        (root / "passwd").write_text(line)
        conf = _DOVECOT.format(
            root=root,
            port=port,
            lmtp_port=lmtp_port,
            users=users,
            quota=quota,
            mechanisms=f" {mechanisms}" if mechanisms else "",
        )
        (root / "dovecot.conf").write_text(conf)
        command = [DOVECOT, "-F", "-c", str(root / "dovecot.conf")]
        with _running(command, port, root / "log"):
            yield Dovecot(port, lmtp_port, root)


@contextmanager
def radicale() -> Iterator[Radicale]:
    """Run Radicale with one calendar and one address book."""
    with _folder() as root:
        port = free_port()
        (root / "users").write_text(f"{USER}:{PASSWORD}\n")
        options = {
            "--server-hosts": f"127.0.0.1:{port}",
            "--storage-filesystem-folder": str(root / "collections"),
            "--auth-type": "htpasswd",
            "--auth-htpasswd-filename": str(root / "users"),
            "--auth-htpasswd-encryption": "plain",
            "--auth-delay": "0",
            "--logging-level": "error",
        }
        command = [str(RADICALE), "-m", "radicale", "--config", ""]
        command += [word for pair in options.items() for word in pair]
        with _running(command, port, root / "log"):
            found = Radicale(port, f"/{USER}/calendar/", f"/{USER}/contacts/", root)
            _make_collection(found.port, found.calendar, "C:calendar", "caldav", "Calendar")
            _make_collection(found.port, found.contacts, "C:addressbook", "carddav", "Contacts")
            yield found


@contextmanager
def smtp_sink(port: int | None = None) -> Iterator[Sink]:
    """Run an SMTP server in a thread of this process."""
    from aiosmtpd.controller import Controller

    sink = Sink(port or free_port())

    class Taking:
        """What aiosmtpd calls."""

        async def handle_RCPT(
            self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]
        ) -> str:
            if sink.refuses:
                return sink.refuses
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
            return "250 OK"

        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
            letter = (envelope.mail_from, tuple(envelope.rcpt_tos), envelope.original_content)
            if sink.on_letter is not None:
                sink.on_letter(letter[2])
            sink.letters.append(letter)
            return "250 taken"

    controller = Controller(
        Taking(), hostname="127.0.0.1", port=sink.port, enable_SMTPUTF8=True, decode_data=False
    )
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


# --- processes ----------------------------------------------------------------------------------


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder that the servers' own users may enter."""
    memory = Path("/dev/shm")  # the servers sync to disk at each write; nobody pulls a test's plug
    place = memory if os.access(memory, os.W_OK) else None
    root = Path(tempfile.mkdtemp(prefix="tandem-", dir=place))
    root.chmod(0o755)
    try:
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


@contextmanager
def _running(command: list[str], port: int, log: Path) -> Iterator[None]:
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            _wait_for(port, process, log)
            yield
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args!r} does not listen: {log.read_text()[-2000:]}")


def _make_collection(port: int, path: str, kind: str, space: str, name: str) -> None:
    import base64
    import http.client

    body = (
        f'<?xml version="1.0"?><D:mkcol xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:{space}">'
        f"<D:set><D:prop><D:resourcetype><D:collection/><{kind}/></D:resourcetype>"
        f"<D:displayname>{name}</D:displayname></D:prop></D:set></D:mkcol>"
    )
    token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    line.request("MKCOL", path, body, {"Authorization": f"Basic {token}"})
    status = line.getresponse().status
    line.close()
    if status != 201:
        raise RuntimeError(f"Radicale answers {status} to MKCOL {path}")


# --- a cuttable line ----------------------------------------------------------------------------


class Proxy:
    """A line to a server that can be cut: at once, or after so many bytes in a direction."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.is_up = True
        self.cut_after_to_server: int | None = None
        self.cut_after_to_client: int | None = None
        self._lines: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """End every connection now, in the midst of whatever passes."""
        for line in list(self._lines):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """For good."""
        self.is_up = False
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if not self.is_up:
                    client.close()
                    continue
                try:
                    server = socket.create_connection(("127.0.0.1", self.target), 10)
                except OSError:
                    client.close()
                    continue
                for line in (client, server):
                    # Else each small packet waits 40 ms for the other side's acknowledgement.
                    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._lines |= {client, server}
                for source, sink, name in (
                    (client, server, "cut_after_to_server"),
                    (server, client, "cut_after_to_client"),
                ):
                    threading.Thread(
                        target=self._pass, args=(source, sink, name), daemon=True
                    ).start()

    def _pass(self, source: socket.socket, sink: socket.socket, name: str) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                left = getattr(self, name)
                if left is not None:
                    setattr(self, name, left - len(data))
                    if left < len(data):
                        sink.sendall(data[:left])
                        setattr(self, name, None)
                        break
                sink.sendall(data)
        for line in (source, sink):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()
            self._lines.discard(line)
