"""A result file says where its numbers come from: script, commit, machine and packages.

A number without these cannot be had again. Machine names, users and paths are left out.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"


def write_result(
    name: str,
    figures: Mapping[str, Any],
    *,
    packages: Sequence[str] = (),
    folder: Path = RESULTS,
) -> Path:
    """Write `figures` with their origin to `folder`/`name`.json and return its path.

    `packages`: the ones whose versions matter for this number.
    """
    arguments = [Path(word).name if os.sep in word else word for word in sys.argv[1:]]
    whole = {
        "bench": name,
        "command": " ".join(["python -m", f"bench.{name}", *arguments]),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        **commit(),
        "machine": machine(),
        "packages": {package: importlib.metadata.version(package) for package in packages},
        "figures": dict(figures),
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def commit() -> dict[str, Any]:
    """The commit, and whether the code that counts differs from it; both `None` outside of git."""
    head = _git("rev-parse", "HEAD")
    if head is None:
        return {"commit": None, "is_changed": None}
    changed = _git("status", "--porcelain", "--", "src", "bench", "models", "train", "requirements")
    # The results themselves change with every run.
    rows = [row for row in (changed or "").splitlines() if "bench/results/" not in row]
    return {"commit": head, "is_changed": bool(rows)}


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "num_cpus": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
    }


def _git(*command: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *command], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def _processor() -> str:
    """The processor's own name on Linux; elsewhere what Python knows."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
