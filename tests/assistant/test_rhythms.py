"""A repetition is told in words, and nothing of it is hidden."""

import pytest

from tandem.assistant.rhythms import repeat_text


@pytest.mark.parametrize(
    ("rule", "english", "chinese"),
    [
        ("FREQ=DAILY", "every day", "每天"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday", "每个工作日"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU", "every 2 weeks on Sunday", "每2周的周日"),
        ("FREQ=WEEKLY;BYDAY=TU,TH", "every Tuesday and Thursday", "每周二、周四"),
        ("FREQ=MONTHLY;BYDAY=1MO", "every month on the first Monday", "每月的第1个周一"),
        ("FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1", "every month on the last Friday",
         "每月的最后一个周五"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day", "每月最后一天"),
        ("FREQ=MONTHLY;BYMONTHDAY=3", "every month on the 3rd", "每月3日"),
        ("FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=11", "every year on the 11th in May", "每年5月11日"),
        ("FREQ=DAILY;COUNT=3", "every day, 3 times", "每天，共3次"),
        ("FREQ=DAILY;UNTIL=20260401T000000Z", "every day, until 1 April 2026",
         "每天，到2026年4月1日为止"),
        ("FREQ=DAILY;BYHOUR=9", "every day (BYHOUR=9)", "每天 (BYHOUR=9)"),
        ("FREQ=WEEKLY;BYDAY=XX", "every week (BYDAY=XX)", "每周 (BYDAY=XX)"),
        ("nonsense", "nonsense", "nonsense"),
    ],
)  # fmt: skip
def test_a_rule_in_words(rule: str, english: str, chinese: str) -> None:
    """In both languages; what has no words stays as it is."""
    assert repeat_text(rule, "en") == english
    assert repeat_text(rule, "zh") == chinese
