"""The tagger: people it never saw, long texts, and its size."""

from __future__ import annotations

import itertools
from importlib import resources

import numpy as np
import pytest

from tandem.personal import Around, Kind
from tandem.privacy.detection.detector import LayeredDetector
from tandem.privacy.detection.features import features_of, tokens_of
from tandem.privacy.detection.tagger import (
    TaggerRecognizer,
    best_path,
    logits_of,
    shipped_model,
)
from tandem.privacy.detection.view import view_of

# Made up for this test; in no training data.
UNSEEN = [
    (
        "Please call Quintella Obermaier-Drax about the lease.",
        "Quintella Obermaier-Drax",
        Kind.PERSON,
    ),
    ("[SMS] Ruan Qiulan: Are you home?", "Ruan Qiulan", Kind.PERSON),
    ("Thank you, Ms. Ruan, see you tomorrow.", "Ruan", Kind.PERSON),
    ("我和阮秋岚一起去。", "阮秋岚", Kind.PERSON),
    ("I moved to Zwollenberg last year.", "Zwollenberg", Kind.PLACE),
    ("I work for Kestrelware Holdings as a cook.", "Kestrelware Holdings", Kind.ORGANISATION),
]


@pytest.mark.parametrize(("text", "words", "kind"), UNSEEN)
def test_names_never_seen(text: str, words: str, kind: Kind) -> None:
    """Found by their surroundings and their letters, in both languages."""
    found = list(TaggerRecognizer().find(view_of(text), Around()))
    start = text.index(words)
    masked = {i for item in found for i in range(item.start, item.end)}
    assert masked >= {i for i in range(start, start + len(words)) if text[i].isalnum()}
    assert any(item.kind is kind for item in found)


def test_harmless_sentences() -> None:
    """No names in talk without any."""
    for text in (
        "How do I sort a list in Python?",
        "The supply curve shifts to the right.",
        "今天天气很好，我们去公园散步吧。",
        "请帮我写一个排序函数。",
        "金融危机的原因有很多，包括信贷扩张。",
        "安静的夜晚，高高的月亮挂在天上。",
        "于是他决定辞职，回老家种田。",
        "帮我写一封请假邮件给老板，说我发烧了。",
        "What is opportunity cost?",
    ):
        found = [
            item
            for item in LayeredDetector().find(text)
            if item.kind in (Kind.PERSON, Kind.ADDRESS)
        ]
        assert found == [], text


def test_a_long_text_is_read_as_a_short_one() -> None:
    """Reading in stretches changes nothing: the network sees all it would see."""
    tokens, spans = tokens_of("Ann Lee met 张伟 in Oslo on 3 May; " * 300)
    rows = features_of(tokens, spans)
    model = shipped_model()
    whole = logits_of(model, rows)
    middle = logits_of(model, rows[1000:1400])
    assert np.allclose(whole[1010:1390], middle[10:-10], atol=1e-3)


def test_the_best_path_is_the_best() -> None:
    """Compared with all paths over few tokens."""
    generator = np.random.default_rng(1)
    costs = np.zeros((4, 4), dtype=np.float32)
    costs[0, 2] = costs[0, 3] = costs[2, 3] = -1e4
    for _ in range(30):
        logits = generator.normal(size=(5, 4)).astype(np.float32)

        def score(path: tuple[int, ...], logits: np.ndarray = logits) -> float:
            steps = sum(costs[a, b] for a, b in itertools.pairwise((0, *path)))
            return float(sum(logits[i, label] for i, label in enumerate(path)) + steps)

        best = max(itertools.product(range(4), repeat=5), key=score)
        path = tuple(int(label) for label in best_path(logits, costs))
        assert score(path) > -1e3 and score(path) >= score(best) - 2.0


def test_it_is_small_and_has_a_card() -> None:
    """At most 10 MB in all, with where it comes from."""
    folder = resources.files("tandem.privacy.detection")
    assert len((folder / "tagger.npz").read_bytes()) < 10_000_000
    card = (folder / "TAGGER.md").read_text(encoding="utf-8")
    for word in ("Apache-2.0", "MIT", "LifeBench", "presidio", "Limits"):
        assert word in card
