"""Presidio beside us: presidio-analyzer as it comes from the registry, in an environment of its own.

Without a downloaded model it has its patterns alone (the `no_op` engine); that is how a device
without leave to download would run it. `device_dictionary` gives it the same names, organisations
and places as deny lists that our detector got as its private dictionary.

Run as a script inside that environment, it reads rows on its standard input and writes findings.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import venv
from pathlib import Path
from typing import Any

WHERE = Path(__file__).resolve().parent.parent / ".venvs" / "presidio"
PACKAGE = "presidio-analyzer==2.2.366"
# What a set does not label, in Presidio's words; the same rule as for us.
_NOT_LABELLED = {
    "lifebench": {"DATE_TIME", "NRP", "URL"},
    "chinese": {"DATE_TIME", "NRP"},
    "synth_v2": set[str](),
    "generated_large": {"NRP"},
    "nano": {"DATE_TIME", "NRP"},
}
# Fire on any number (its own issues say so); off, or its precision would be worse.
_NOISY = {"US_DRIVER_LICENSE", "US_BANK_NUMBER"}


def presidio(parts: dict[str, list[Any]], lifebench: list[Any]) -> dict[str, Any]:
    """Its figures on the same rows."""
    from bench.privacy_scoring import Score
    from bench.privacy_sets import DeviceDictionary

    python = _environment()
    dictionaries = DeviceDictionary(lifebench)
    job = {name: [row.text for row in rows] for name, rows in parts.items()}
    lists = [dictionaries.names_for(row) for row in parts["lifebench"]]
    done = subprocess.run(
        [python, str(Path(__file__).resolve())],
        input=json.dumps({"texts": job, "lists": lists}),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"Presidio failed in its environment: {done.stderr[-2000:]}")
    answer = json.loads(done.stdout)
    result: dict[str, Any] = {"package": PACKAGE, "cost": answer["cost"]}
    for name, found in answer["found"].items():
        set_name = name.removesuffix("+device_dictionary")
        score = Score()
        for row, items in zip(parts[set_name], found, strict=True):
            spans = [(a, b) for a, b, kind in items if kind not in _NOT_LABELLED[set_name]]
            score.add(row.text, row.spans, spans)
        result[name] = score.figures()
    return result


def _environment() -> str:
    python = WHERE / "bin" / "python"
    if not python.exists():
        venv.create(WHERE, with_pip=True)
    probe = [str(python), "-c", "import presidio_analyzer"]
    if subprocess.run(probe, capture_output=True).returncode:
        subprocess.run([str(python), "-m", "pip", "install", "-q", PACKAGE], check=True)
    return str(python)


def _analyse() -> None:
    """Inside the environment: rows in, findings out."""
    # Installed in the other environment alone.
    from presidio_analyzer import (  # pyright: ignore[reportMissingImports]
        AnalyzerEngine,
        PatternRecognizer,
        RecognizerRegistry,
    )
    from presidio_analyzer.nlp_engine import (  # pyright: ignore[reportMissingImports]
        NlpEngineProvider,
    )

    job = json.load(sys.stdin)
    engine = NlpEngineProvider(
        nlp_configuration={
            "nlp_engine_name": "no_op",
            "models": [{"lang_code": "en", "model_name": "no_op"}],
        }
    ).create_engine()
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"], nlp_engine=engine)
    analyzer = AnalyzerEngine(nlp_engine=engine, registry=registry, supported_languages=["en"])
    kinds = [kind for kind in analyzer.get_supported_entities("en") if kind not in _NOISY]
    found, spent, size = dict[str, Any](), 0.0, 0
    for name, texts in job["texts"].items():
        rows = []
        for text in texts:
            before = time.process_time()
            results = analyzer.analyze(text, "en", entities=kinds)
            spent += time.process_time() - before
            size += len(text.encode())
            rows.append([(item.start, item.end, item.entity_type) for item in results])
        found[name] = rows
    with_lists = []
    for text, names, rows in zip(
        job["texts"]["lifebench"], job["lists"], found["lifebench"], strict=True
    ):
        extra = (
            PatternRecognizer("PERSON", deny_list=names).analyze(text, ["PERSON"]) if names else []
        )
        with_lists.append(rows + [(item.start, item.end, item.entity_type) for item in extra])
    found["lifebench+device_dictionary"] = with_lists
    json.dump(
        {"found": found, "cost": {"cpu_ms_per_kb": round(1e6 * spent / max(size, 1), 2)}},
        sys.stdout,
    )


if __name__ == "__main__":
    _analyse()
