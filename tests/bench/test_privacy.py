"""bench.privacy counts as it says it does."""

from __future__ import annotations

import pytest

from bench.privacy import again, labelled_values, numbers_alone
from bench.privacy_scoring import Score, f2
from bench.privacy_sets import DeviceDictionary, Row


def test_the_scores_by_hand() -> None:
    """One span whole, one by half, one not at all; one prediction of two is right."""
    score = Score()
    text = "Ann Lee, Bo Dahl, Cy Eck"
    gold = [(0, 7, "P"), (9, 16, "P"), (18, 24, "Q")]
    score.add(text, gold, [(0, 7), (9, 11)])
    score.add("harmless", [], [(0, 3)])
    score.add("clean Ann", [(6, 9, "P")], [(6, 9)])
    figures = score.figures()
    assert figures["recall_strict"] == 0.5 and figures["recall_any"] == 0.75
    assert figures["precision"] == 0.75 and figures["clean"] == 0.5
    assert figures["false_alarms"] == 1.0
    assert figures["per_entity"]["Q"]["recall_strict"] == 0.0
    assert figures["f2"] == pytest.approx(5 * 0.75 * 0.5 / (4 * 0.75 + 0.5), abs=1e-4)


def test_signs_need_no_mask() -> None:
    """Only letters and digits can leak."""
    score = Score()
    score.add("+1 (2)", [(0, 6, "PHONE")], [(1, 2), (4, 5)])
    assert score.figures()["recall_strict"] == 1.0


def test_nothing_found_is_zero_and_nothing_to_find_is_none() -> None:
    """No division by zero, and no score where there was nothing to score."""
    assert f2(None, 0.0) == 0.0 and f2(0.5, None) is None


def test_a_record_never_teaches_itself() -> None:
    """The dictionary of a record holds what stands in two *other* records, and is whole after."""
    name = ("PERSON", "Song Yajing", "Yajing")
    rows = [Row("Yajing", ((0, 6, "PERSON"),), "u", (name,)) for _ in range(3)]
    rows.append(Row("Yajing and Bo", (), "u", (("PERSON", "Bo", "Bo"),)))
    three = DeviceDictionary(rows)
    assert len(three.without(rows[0])) == 1
    three.restore(rows[0])
    two = DeviceDictionary(rows[1:])
    assert len(two.without(rows[1])) == 0
    two.restore(rows[1])
    assert len(two.without(rows[3])) == 1


def test_a_value_labelled_once_is_no_alarm_elsewhere() -> None:
    """The credentials set labels a value in one row; finding it in another is right, not wrong."""
    rows = [Row("SSN 123-45-6789", ((4, 15, "SSN"),), "1"), Row("his SSN 123-45-6789", (), "2")]
    values = labelled_values(rows)
    assert again(rows[1].text, values) == [(8, 19)]
    score = Score()
    score.add(rows[1].text, [], [(8, 19)], again(rows[1].text, values))
    score.add("an alarm", [], [(3, 8)], again("an alarm", values))
    assert score.figures()["precision"] == 0.5


def test_of_a_number_with_its_words_the_number_counts() -> None:
    """ "account number 1234X" can leak by its number alone; a password of words keeps them."""
    text = "his account number 1234X and Open Sesame"
    spans = [(4, 24, "ACCOUNT"), (29, 40, "PASSWORD")]
    assert numbers_alone(text, spans) == [(19, 24, "ACCOUNT"), (29, 40, "PASSWORD")]
