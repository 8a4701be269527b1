"""Which tools of other MCP servers the user has approved, each pinned by a hash of what it says.

A server that changes a tool's description or schema after approval (a "rug pull") has a tool that
nobody approved: it is not used until the user has seen the change.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tandem import private_file

Status = Literal["approved", "changed", "new"]


@dataclass(frozen=True, slots=True)
class Foreign:
    """A tool of another server, as that server describes it now."""

    server: str
    name: str
    description: str
    schema: Mapping[str, Any]
    reads_only: bool = False

    @property
    def fingerprint(self) -> str:
        """SHA-256 of name, description, schema and hints: all that a model reads of it."""
        said = [self.name, self.description, self.schema, self.reads_only]
        text = json.dumps(said, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8")).hexdigest()


class Pins:
    """The file of approvals: server, tool, fingerprint, and the description that was approved."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def status(self, tool: Foreign) -> Status:
        """Whether the user has approved exactly this."""
        pinned = self._read().get(tool.server, {}).get(tool.name)
        if pinned is None:
            return "new"
        return "approved" if pinned["fingerprint"] == tool.fingerprint else "changed"

    def approved_text(self, tool: Foreign) -> str:
        """The description that was approved, to show what changed; empty where there was none."""
        return self._read().get(tool.server, {}).get(tool.name, {}).get("description", "")

    def approve(self, tools: Iterable[Foreign]) -> None:
        """The user has seen these and said yes."""
        kept = self._read()
        for tool in tools:
            kept.setdefault(tool.server, {})[tool.name] = {
                "fingerprint": tool.fingerprint,
                "description": tool.description,
            }
        text = json.dumps(kept, indent=1, ensure_ascii=False)
        private_file.replace_bytes(self._path, text.encode("utf-8"))

    def _read(self) -> dict[str, dict[str, dict[str, str]]]:
        try:
            return json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
