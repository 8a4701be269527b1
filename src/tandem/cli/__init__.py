"""The command line: parse, build, print; no decisions. One module per command."""

from __future__ import annotations

from tandem.cli.app import main

__all__ = ["main"]
