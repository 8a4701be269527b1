"""Text that holds nobody's name: code, JSON, logs, shells, tables, headings and plain prose.

A tagger that has only seen letters and forms takes "Vec" and "args" for names. The lines come from
Python's own library, from public function descriptions and definitions, and from templates whose
holes are filled with the identifiers found there.
"""

from __future__ import annotations

import ast
import gzip
import json
import random
import re
import sysconfig
from collections.abc import Iterator
from pathlib import Path

_NAMED = re.compile(
    r"(?i)author|copyright|contribut|thanks to|written by|@\w|\bby [A-Z]|maintain|\b[A-Z][a-z]+ [A-Z][a-z]+(?!\w)"
)
_IDENTIFIER = re.compile(r"\b[A-Za-z_][A-Za-z_]{2,24}\b")

LINES = """
{ts} INFO {w}.{w2} {w3} {w4} {w5}={n} {w6}={n}ms
{ts} WARN  [{w}] {w2} {w3} {w4}: {w5} {n}/{n}
[{ts}] ERROR {w}: {w2} {w3} failed after {n} attempts
{w} {n}:{n}: error: expected '{w2}' before '{w3}'
$ {w} --{w2} {w3}/{w4}.txt | {w5} -{c} {n}
$ git {w} {w2}/{w3}
drwxr-xr-x {n} {w} {w} {n} Jan {n} 09:26 {w2}
-rw-r--r-- 1 {w} {w} {n} Mar 14 09:26 {w2}.{w3}
{{"{w}": "{w2}", "{w3}": {{"{w4}": {n}, "{w5}": ["{w6}", "{w}"]}}}}
{{"{w}": {n}, "{w2}": true, "{w3}": null, "{w4}": "{w5} {w6}"}}
{w}: {w2}\\n{w3}:\\n  - {w4}: {n}\\n  - {w5}: {w6}
[{w}.{w2}]\\n{w3} = "{w4}"\\n{w5} = {n}
fn {w}({w2}: &str) -> Result<{C}, {C2}> {{\\n    let mut {w3} = Vec::new();\\n    {w3}.push({w4}?);\\n    Ok({w3})\\n}}
impl {C} for {C2} {{\\n    type {C3} = Option<u{n}>;\\n}}
pub struct {C} {{ {w}: String, {w2}: HashMap<String, {C2}> }}
func ({c} *{C}) {C2}({w} {w2}) error {{\\n\\treturn {w3}.{C3}({w})\\n}}
type {C} struct {{\\n\\t{C2} string `json:"{w}"`\\n\\t{C3} int\\n}}
public class {C} extends {C2}<{C3}> {{\\n    private final {C3} {w};\\n    @Override public void {w2}() {{ {w3}.{w4}({w}); }}\\n}}
interface {C} {{ {w}: string; {w2}?: {C2}[]; }}
const {w} = async ({{ {w2}, {w3} }}) => {{ await {w4}({w2}); return {w3}.{w5}; }};
import {{ {C}, {w} }} from "{w2}";\\nexport default function {C2}({{ {w3} }}) {{ return <{C3} on{C}={{{w}}} />; }}
<{w} class="{w2}-{w3}"><{w4} {w5}="{w6}">{C} {w}</{w4}></{w}>
.{w} {{ {w2}-{w3}: {n}px; {w4}: {w5}; }}
SELECT {w}, {w2} FROM {w3} WHERE {w4} = {n} ORDER BY {w5};
CREATE TABLE {w} ({w2} INTEGER PRIMARY KEY, {w3} TEXT, {w4} REAL);
struct {C} {{ int {w}; struct {C} *{w2}; }};
#define {U} {n}\\nstatic {w} *{w2}({w3} *{w4}) {{ return {w4}->{w}; }}
template <typename {C}>\\nstd::vector<{C}> {w}(const {C}& {w2});
| {C} | {C2} | {C3} |\\n|---|---|---|\\n| {w} | {w2} | {n} |
{C} | {C2} | {C3}\\n{w}({w2}, {w3}) | {w4} | {w5}
# {C} {w}\\n\\n- {C2} {w2} {w3}\\n- {C3} {w4}
## {n}.{n}.{n}\\n### {C}\\n- `{w}` {w2} {w3} {w4}
Enum {C}: {U}, {U2}, {U3}
{U}={w}\\n{U2}={n}\\nexport {U3}="$({w2} {w3})"
curl -s -X POST localhost:{n}/{w}/{w2} -H '{C}-{C2}: {w3}' -d '{{"{w4}": "{w5}"}}'
{C}Error: {w} {w2} {w3}\\n    at {C2}.{w4} ({w5}/{w6}.js:{n}:{n})
{w}({w2}, {w3}={n}, *args, **kwargs)
{w}
{w}_{w2}
{C}{C2}
{U}
type: {w}\\nproperties: {w2}, {w3}\\nrequired: {w4}
key: {w}, enum: {w2}, args: {w3}, kwargs: {w4}
Usage: {w} [OPTIONS] {U} {U2}\\n  --{w2} TEXT  {w3} {w4} {w5}
| Args | Returns | Raises | Key | Enum | Value |
""".strip().split("\n")
PROSE = """
Stir the soup and simmer for {n} minutes, then season with salt and pepper.
Preheat the oven. Grease a tin. Fold in the flour and bake until golden.
Pancakes\\n\\n{n} g flour, {n} eggs, {n} ml milk, a pinch of salt
Apple pie\\nServes {n}. Peel, core and slice the apples.
Whisk the eggs; melt the butter; chop the parsley; drain the pasta.
Knit one row, purl the next, and repeat until the work measures {n} inches.
Water the plants in the evening and prune them in winter.
Photosynthesis turns light into sugar. Chlorophyll absorbs red and blue light.
Gravity pulls everything towards the centre. Friction slows it down.
Mitochondria release energy. Proteins fold. Enzymes speed up reactions.
Volcanoes erupt where plates meet. Glaciers carve valleys. Rivers carry sand to the sea.
Erosion wears rock away; sediment settles in layers.
Capital letters start a sentence. Verbs agree with their subjects.
Agenda\\n- Review of action items\\n- Budget\\n- Hiring\\n- Any other business
Minutes of the last meeting were approved. The committee adjourned at noon.
Meeting notes: release, roadmap, risks.
Checklist: passport, tickets, charger, umbrella.
Frequently Asked Questions\\nShipping and Returns\\nTerms of Service\\nPrivacy Policy
Add to Cart. Sign In. Forgot Password? Learn More. Contact Support.
Dear customer, your parcel arrives between nine and noon.
PLEASE STAND CLEAR OF THE DOORS. MIND THE GAP.
SALE! EVERYTHING HALF PRICE. FREE SHIPPING THIS WEEKEND ONLY.
WARNING: HOT SURFACE. DO NOT TOUCH.
Opening theory divides chess into open and closed games. White moves first; Black answers.
Vaccines train the immune system. Antibiotics kill bacteria but not viruses.
Supply rises, demand falls, and the price settles in between.
Romanticism, Realism and Impressionism followed each other.
Quarterly report: revenue up {n} percent, costs flat, outlook stable.
""".strip().split("\n")


class Plain:
    """Endless texts without anything in them."""

    def __init__(self, rng: random.Random, folder: Path) -> None:
        self.rng = rng
        library = list(_library())
        self.code = [lines for text in library if len(lines := text.split("\n")) > 20]
        self.prose = [each for text in library for each in _docstrings(text)]
        self.identifiers = sorted({w for text in library[::3] for w in _IDENTIFIER.findall(text)})
        rows = folder / "assistant" / "permissive"
        self.told = [*_functions(rows / "bfcl_v4.jsonl.gz"), *_said(rows / "clinc150.jsonl")]
        self.prose += list(_definitions(folder / "text" / "definitions.jsonl"))
        self.lower = [w for w in self.identifiers if w.islower()]

    def text(self) -> str:
        """One text without any name."""
        rng = self.rng
        draw = rng.random()
        if draw < 0.26:
            return self._window()
        if draw < 0.65:
            return "\n".join(self._line() for _ in range(rng.choice((1, 1, 1, 2, 3, 5))))
        if draw < 0.82:
            return self._cased(rng.choice(self.prose))
        return self._cased(self._filled(rng.choice(PROSE)))

    def public(self) -> str:
        """One public description or utterance, which may name a place or a firm."""
        return self._cased(self.rng.choice(self.told))

    def _window(self) -> str:
        for _ in range(20):
            lines = self.rng.choice(self.code)
            start = self.rng.randrange(len(lines) - 3)
            text = "\n".join(lines[start : start + self.rng.randrange(2, 14)])
            if text.strip() and not _NAMED.search(text):
                return text
        return "pass"

    def _line(self) -> str:
        return self._filled(self.rng.choice(LINES))

    def _filled(self, template: str) -> str:
        rng = self.rng

        def value(match: re.Match[str]) -> str:
            hole = match[1][0]
            if hole == "n":
                return str(rng.choice((rng.randrange(10), rng.randrange(10_000))))
            if hole == "t":
                return f"2026-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}T0{rng.randrange(10)}:2{rng.randrange(10)}:53.{rng.randrange(1000):03}Z"
            if hole == "c":
                return rng.choice("abcdefghijklmnopqrstuvwxyz")
            word = rng.choice(self.lower)
            parts = word.strip("_").split("_")
            if hole == "C":
                return "".join(part.capitalize() for part in parts)[:20] or "Node"
            return word.upper() if hole == "U" else word

        text = template.replace("{{", "\x01").replace("}}", "\x02").replace("\\n", "\n")
        text = re.sub(r"\{(ts|[wnCUc])\d?\}", value, text.replace("\\t", "\t"))
        return text.replace("\x01", "{").replace("\x02", "}")

    def _cased(self, text: str) -> str:
        draw = self.rng.random()
        if draw < 0.1:
            return text.title()
        if draw < 0.16:
            return text.lower()
        return text[:1].upper() + text[1:] if draw < 0.7 else text


def _library() -> Iterator[str]:
    """Sources of Python's standard library."""
    for path in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py")):
        yield path.read_text(encoding="utf-8", errors="replace")


def _docstrings(text: str) -> Iterator[str]:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            for piece in (ast.get_docstring(node) or "").split("\n\n"):
                if 30 < len(piece) < 700 and not _NAMED.search(piece):
                    yield piece


def _functions(path: Path) -> Iterator[str]:
    """Descriptions of functions as JSON. Examples in them may name places: the corpus says so."""
    if not path.exists():
        return
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            if row.get("lang") == "en" and row.get("functions"):
                told = row["functions"]
                yield (told if isinstance(told, str) else json.dumps(told[0]))[:900]


def _said(path: Path) -> Iterator[str]:
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)["utterance"]


def _definitions(path: Path) -> Iterator[str]:
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield row["definition"]
            yield f"{row['term']}: {row['definition']}"
