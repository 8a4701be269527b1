"""The tagger: names, places, organisations and addresses, by a small network of our own in numpy.

Summed feature rows, one dense layer, three dilated convolutions, and the best path over the labels.
A text is read in stretches, so that memory stays small and time linear. `train/tagger.py` makes
the model; the card beside it says from what.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tandem.personal import Around, Finding, Kind
from tandem.privacy.detection.chinese_names import is_likely, name_within
from tandem.privacy.detection.features import features_of, tokens_of
from tandem.privacy.detection.phones import canonical_phone, is_no_phone
from tandem.privacy.detection.view import View

Floats = npt.NDArray[np.float32]

KIND_OF = {
    "PERSON": Kind.PERSON,
    "ORG": Kind.ORGANISATION,
    "PLACE": Kind.PLACE,
    "ADDRESS": Kind.ADDRESS,
    "GROUP": Kind.GROUP,
    "TITLE": Kind.TITLE,
    "DATE": Kind.DATE,
    "AGE": Kind.AGE,
    "REFERENCE": Kind.REFERENCE,
    "PHONE": Kind.PHONE,
}
_HAN = re.compile(r"[\u3400-\u9fff]")
_NAMED = frozenset({Kind.PERSON, Kind.ORGANISATION, Kind.PLACE})
_OF_DIGITS = frozenset({Kind.PHONE, Kind.REFERENCE, Kind.AGE, Kind.DATE})
# A name in lower case, in a text that knows capitals, is seldom one.
_SURE_IN_LOWER_CASE = 0.8
_STRETCH = 768  # tokens at once: what is in the processor's cache is quick
_SEEN = 8  # the convolutions see 7 tokens to each side
# Added to the logit of "nothing": missing a name costs more than masking a word too many. Chosen
# on the validation part for the best F2.
DEFAULT_BIAS = -2.0
HAN_BIAS = -1.0  # more, and too many Chinese words look like names


@dataclass(frozen=True, slots=True)
class Model:
    """The weights, as float32 where they are multiplied and int8 where they are looked up."""

    labels: tuple[str, ...]
    rows: npt.NDArray[np.int8]
    scales: Floats
    dense: tuple[Floats, Floats]
    convolutions: tuple[tuple[int, Floats, Floats], ...]  # (dilation, 3 matrices in one, bias)
    out: tuple[Floats, Floats]


@functools.cache
def shipped_model() -> Model:
    """The model in the package."""
    return model_from(resources.files("tandem.privacy.detection") / "tagger.npz")


def model_from(file: Traversable | Path) -> Model:
    """A model as `train/tagger.py` writes it."""
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
        return _model_of(dict(arrays))


def _model_of(arrays: dict[str, npt.NDArray[np.generic]]) -> Model:
    def floats(name: str) -> Floats:
        return np.ascontiguousarray(arrays[name], dtype=np.float32)

    dilations = [int(step) for step in arrays["dilations"]]
    return Model(
        tuple(str(label) for label in arrays["labels"]),
        arrays["rows"].astype(np.int8),
        floats("scales"),
        (floats("entry"), floats("entry_bias")),
        tuple(
            (step, floats(f"convolution{i}"), floats(f"convolution{i}_bias"))
            for i, step in enumerate(dilations)
        ),
        (floats("out"), floats("out_bias")),
    )


class TaggerRecognizer:
    """A Recognizer by the tagger. `bias` below 0 finds more, above 0 less."""

    def __init__(self, model: Model | None = None, bias: float = DEFAULT_BIAS) -> None:
        self._given = model
        self._bias = bias

    def find(self, view: View, around: Around) -> Iterator[Finding]:
        """Each stretch of words that the best path labels as one thing."""
        model = self._given or shipped_model()
        # Words shouted are no names: what is all in capitals is read in lower case.
        text = view.text.lower() if view.text.isupper() else view.text
        if _IDENTIFIER.fullmatch(view.text) and not around.field:
            return  # the name of a field or an option: nothing but its letters speaks for a person
        tokens, spans = tokens_of(text if len(text) == len(view.text) else view.text)
        if not tokens:
            return
        logits = logits_of(model, features_of(tokens, spans))
        is_han = np.array(["\u3400" <= token <= "\u9fff" for token in tokens])
        logits[:, 0] += np.where(is_han, HAN_BIAS, self._bias).astype(np.float32)
        for start, end, kind, score in _beside(
            view.text, list(_joined(spans, _stretches(model, logits), is_han))
        ):
            start, end = _stretched(view.text, (start, end), kind, score)
            words = view.text[start:end]
            if words.islower() and not view.text.islower():
                # A name is seldom written so, and before a colon it is the name of a field.
                if score < _SURE_IN_LOWER_CASE or _LABEL.match(view.text, start):
                    continue
            if _is_possible(view.text, (start, end), kind, score):
                key = _key(kind, words)
                yield Finding(start, end, kind, key, score, "the tagger of names")


Stretch = tuple[int, int, Kind, float]


def _beside(text: str, found: list[Stretch]) -> Iterator[Stretch]:
    """Without short numbers taken for an address that no part of one stands beside."""
    for index, each in enumerate(found):
        start, end, kind, _ = each
        if kind is Kind.ADDRESS and text[start:end].isdigit() and end - start < 4:
            near = found[max(0, index - 1) : index + 2]
            is_part = any(
                other is not each
                and other[2] is Kind.ADDRESS
                and other[0] <= end + 12
                and start <= other[1] + 12
                for other in near
            )
            if not is_part:
                continue
        yield each


def _stretched(text: str, span: tuple[int, int], kind: Kind, score: float) -> tuple[int, int]:
    """Where the thing begins and ends, which the tagger's tokens only suggest; (0, 0): nowhere."""
    start, end = _trimmed(text, *span)
    if kind is Kind.REFERENCE:
        return _whole_words(text, start, end)
    if kind in _NAMED:
        start = end - len(text[start:end].lstrip("#+("))
    if kind is not Kind.PERSON:
        return start, end
    if text[start:end].isalpha() and _HAN.match(text, start):
        around = text[max(0, start - 2) : start], text[end : end + 3]
        first, last = name_within(text[start:end], around, score)
        return (start + first, start + last) if last else (0, 0)
    # "Zhang Wei 会订": a name in letters ends where Chinese words go on.
    goes_on = _HAN_BEHIND.search(text, start + 1, end)
    return _with_hyphens(text, start, goes_on.start() if goes_on else end)


def _joined(
    spans: npt.NDArray[np.int32],
    stretches: Iterable[tuple[int, int, Kind, float]],
    is_han: npt.NDArray[np.bool_],
) -> Iterator[tuple[int, int, Kind, float]]:
    """Places instead of tokens; Chinese names that came out in two pieces in one."""
    before: tuple[int, int, Kind, float] | None = None
    for first, last, kind, score in stretches:
        start, end = int(spans[first, 0]), int(spans[last, 1])
        if before is not None:
            is_more = before[1] == start and is_han[first] and before[2] is kind is Kind.PERSON
            if is_more and end - before[0] < 5:
                before = (before[0], end, kind, max(score, before[3]))
                continue
            yield before
        before = (start, end, kind, score)
    if before is not None:
        yield before


def _key(kind: Kind, words: str) -> str:
    if kind is Kind.PHONE:
        return f"{kind}:{canonical_phone(words)}"
    return f"{kind}:{' '.join(words.lower().split())}"


def _is_possible(text: str, span: tuple[int, int], kind: Kind, score: float) -> bool:
    start, end = span
    words = text[start:end]
    if kind is Kind.PHONE and is_no_phone(text, start, end):
        return False
    if _cuts_a_word(text, start, end) or not _is_likely(kind, words):
        return False
    num_han = len(_HAN.findall(words))
    is_chinese = 2 * num_han > len(words)
    if not is_chinese or kind in _OF_DIGITS:
        return True
    return is_likely(kind, words, (text[max(0, start - 2) : start], text[end : end + 3]), score)


_LABEL = re.compile(r"(?<![^\s{\[,;(*\"'`])[a-z][a-z_]{1,40}[\"'*`]{0,3}\s?[:=](?!\S*//)")
_HAN_BEHIND = re.compile(r"(?<=[a-z.])\s(?=[\u3400-\u9fff])")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,60}")
_HYPHENATED = re.compile(r"(?:[-‐][A-Z\u00c0-\u017d][\w'’]{1,24}){1,3}")
_HYPHENATED_BEFORE = re.compile(r"(?:[A-Z\u00c0-\u017d][\w'’]{1,24}-){1,2}$")


def _with_hyphens(text: str, start: int, end: int) -> tuple[int, int]:
    """As "Obermaier-Drax" is one name, though its parts are tokens of their own."""
    behind = _HYPHENATED.match(text, end)
    before = _HYPHENATED_BEFORE.search(text, max(0, start - 40), start)
    return before.start() if before else start, behind.end() if behind else end


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without signs at the ends, but for a closing point."""
    while start < end and not (text[start].isalnum() or text[start] in "#+("):
        start += 1
    while end > start and not (text[end - 1].isalnum() or text[end - 1] in ".)"):
        end -= 1
    return start, end


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Lengthened to the ends of the words it begins and ends in."""
    for _ in range(32):
        if start == 0 or not _is_word(text[start - 1]):
            break
        start -= 1
    for _ in range(32):
        if end == len(text) or not _is_word(text[end]):
            break
        end += 1
    return start, end


def _is_word(char: str) -> bool:
    return char.isalnum() and not "\u3400" <= char <= "\u9fff"


def _cuts_a_word(text: str, start: int, end: int) -> bool:
    """Whether it is part of a longer word or code: "3b2" of a hash is nobody's name."""
    before = start > 0 and _is_word(text[start - 1]) and _is_word(text[start])
    return before or (end < len(text) and _is_word(text[end]) and _is_word(text[end - 1]))


def _is_likely(kind: Kind, words: str) -> bool:
    """What the network cannot mean: a phone without digits, a person of one small letter."""
    digits = sum(char.isdigit() for char in words)
    if kind is Kind.PHONE:
        return digits >= 5
    if kind is Kind.REFERENCE:
        return digits >= 2
    if kind is Kind.AGE:
        return digits > 0 and len(words) < 12
    if kind is Kind.DATE and not words.isascii():
        return digits > 0
    if kind in _NAMED and 2 * digits > len(words):
        return False
    if words.lower() in _FUNCTION_WORDS:
        return False
    letters = sum(char.isalnum() for char in words)
    return letters > 1 or (letters == 1 and not words.isascii())


_FUNCTION_WORDS = frozenset(
    "a an the and or of in on at to for from by with as is are was be it its this that these those i you he she we "
    "they my your his her our their not no yes if then else null none true false str int float bool key keys value "
    "values args kwargs enum type string number object array list dict".split()
)


def logits_of(model: Model, rows: npt.NDArray[np.int32]) -> Floats:
    """Logits of shape (n, labels) for feature rows of shape (n, features)."""
    if len(rows) <= _STRETCH + 2 * _SEEN:
        return _logits(model, rows)
    parts: list[Floats] = []
    for start in range(0, len(rows), _STRETCH):
        low, high = max(0, start - _SEEN), min(len(rows), start + _STRETCH + _SEEN)
        part = _logits(model, rows[low:high])
        parts.append(part[start - low : start - low + _STRETCH])
    return np.concatenate(parts)


def _logits(model: Model, rows: npt.NDArray[np.int32]) -> Floats:
    looked_up = model.rows[rows].astype(np.float32)
    looked_up *= model.scales[rows][:, :, None]
    weight, bias = model.dense
    hidden = np.maximum(looked_up.sum(axis=1) @ weight + bias, 0)
    for step, matrices, offset in model.convolutions:
        change = hidden @ matrices[1] + offset
        change[step:] += hidden[:-step] @ matrices[0]
        change[:-step] += hidden[step:] @ matrices[2]
        hidden += np.maximum(change, 0)
    weight, bias = model.out
    return hidden @ weight + bias


def _stretches(model: Model, logits: Floats) -> Iterator[tuple[int, int, Kind, float]]:
    """(first token, last token, kind, score) of each thing on the best path."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    chances = np.exp(shifted)
    chances /= chances.sum(axis=1, keepdims=True)
    path = best_path(logits, _forbidden(model.labels))
    labels = model.labels
    first = -1
    for index in range(len(path) + 1):
        label = labels[int(path[index])] if index < len(path) else "O"
        if first >= 0 and not label.startswith("I-"):
            kind = KIND_OF[labels[int(path[first])][2:]]
            score = float(1 - chances[first:index, 0].mean())
            yield first, index - 1, kind, min(max(score, 0.01), 0.99)
            first = -1
        if label.startswith("B-"):
            first = index


@functools.lru_cache(maxsize=4)
def _forbidden(labels: tuple[str, ...]) -> Floats:
    """Costs of shape (labels, labels) from one token to the next: I-X follows B-X or I-X alone."""
    costs = np.zeros((len(labels), len(labels)), dtype=np.float32)
    for after, label in enumerate(labels):
        if label.startswith("I-"):
            for before, other in enumerate(labels):
                if other[2:] != label[2:] or other == "O":
                    costs[before, after] = -1e4
    return costs


def best_path(logits: Floats, costs: Floats) -> npt.NDArray[np.intp]:
    """Viterbi's path. Where the greedy path is allowed it is the best one, so that the slow search
    runs only over stretches in which it is not.
    """
    path = logits.argmax(axis=1)
    if len(path) == 0:
        return path
    is_bad = np.zeros(len(path) + 1, dtype=bool)
    is_bad[1:-1] = costs[path[:-1], path[1:]] < 0
    is_bad[0] = costs[0, path[0]] < 0
    for start, end in _around(is_bad, path):
        path[start:end] = _viterbi(logits[start:end], costs)
    return path


def _around(is_bad: npt.NDArray[np.bool_], path: npt.NDArray[np.intp]) -> list[tuple[int, int]]:
    """The stretches without an "O" around each forbidden step."""
    found: list[tuple[int, int]] = []
    for bad in np.flatnonzero(is_bad).tolist():
        if found and bad < found[-1][1]:
            continue
        start = end = min(bad, len(path) - 1)
        while start > 0 and path[start - 1] != 0:
            start -= 1
        while end < len(path) and path[end] != 0:
            end += 1
        found.append((start, end))
    return found


def _viterbi(logits: Floats, costs: Floats) -> npt.NDArray[np.intp]:
    scores = logits[0] + costs[0]
    back = np.zeros(logits.shape, dtype=np.intp)
    for index in range(1, len(logits)):
        every = scores[:, None] + costs
        back[index] = every.argmax(axis=0)
        scores = every.max(axis=0) + logits[index]
    path = np.zeros(len(logits), dtype=np.intp)
    path[-1] = scores.argmax()
    for index in range(len(logits) - 1, 0, -1):
        path[index - 1] = back[index, path[index]]
    return path
