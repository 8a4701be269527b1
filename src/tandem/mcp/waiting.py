"""Acts that an MCP client wants and that only the user can allow: kept until they are answered.

A client is a model's host. Its word that the user agreed is no agreement, so nothing a client sends
counts as a yes: the card waits here, and `tandem cards` asks the user. What is kept is the call in
words; it is planned anew when it is shown, so that the card tells what would happen then.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tandem import private_file


@dataclass(frozen=True, slots=True)
class Wish:
    """A call that waits. `client` is what the client calls itself."""

    id: str
    tool: str
    arguments: Mapping[str, Any]
    client: str = ""


class Wishes:
    """The file with the waiting calls, one JSON object."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def all(self) -> tuple[Wish, ...]:
        """In the order in which they came."""
        try:
            rows = json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return ()
        return tuple(Wish(r["id"], r["tool"], r["arguments"], r["client"]) for r in rows)

    def add(self, tool: str, arguments: Mapping[str, Any], client: str) -> Wish:
        """Keep one more."""
        wish = Wish(uuid.uuid4().hex[:8], tool, dict(arguments), client)
        self._write((*self.all(), wish))
        return wish

    def drop(self, wish_id: str) -> None:
        """It was answered."""
        self._write(tuple(wish for wish in self.all() if wish.id != wish_id))

    def _write(self, wishes: tuple[Wish, ...]) -> None:
        rows = [
            {"id": w.id, "tool": w.tool, "arguments": dict(w.arguments), "client": w.client}
            for w in wishes
        ]
        text = json.dumps(rows, ensure_ascii=False, indent=1)
        private_file.replace_bytes(self._path, text.encode("utf-8"))
