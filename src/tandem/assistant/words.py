"""What the assistant says, in English and Chinese: one table of sentences, and how times look."""

from __future__ import annotations

from datetime import date, datetime, timedelta

_SENTENCES: dict[str, tuple[str, str]] = {
    # acts
    "event_create": ("New event: {title}", "新日程：{title}"),
    "event_change": ("Change: {title}", "修改：{title}"),
    "event_cancel": ("Cancel: {title}", "取消：{title}"),
    "events_cancel": ("Cancel {count} events", "取消{count}个日程"),
    "event_invite": ("Invite {people} to {title}", "邀请{people}参加：{title}"),
    "invitation_accept": ("Accept: {title}", "接受邀请：{title}"),
    "invitation_decline": ("Decline: {title}", "谢绝邀请：{title}"),
    "invitation_tentative": ("Maybe: {title}", "暂定：{title}"),
    "mail_send": ("Send a mail to {people}", "给{people}发邮件"),
    "mail_reply": ("Reply to {people}", "回复{people}"),
    "mail_forward": ("Forward to {people}", "转发给{people}"),
    "mail_draft": ("Draft to {people}", "草稿（给{people}）"),
    "mail_move": ("Move {count} to {folder}", "把{count}移到“{folder}”"),
    "mail_delete": ("Put {count} into the trash", "把{count}放进废纸篓"),
    "mail_flag": ("Mark {count} as {state}", "把{count}标为{state}"),
    "mail_unsubscribe": ("Leave the list {title}", "退订：{title}"),
    "task_create": ("New task: {title}", "新待办：{title}"),
    "task_change": ("Change task: {title}", "修改待办：{title}"),
    "task_done": ("Done: {title}", "已完成：{title}"),
    "task_delete": ("Delete task: {title}", "删除待办：{title}"),
    "timer_set": ("Timer: {title}", "计时器：{title}"),
    "note_create": ("New note: {title}", "新笔记：{title}"),
    "note_change": ("Add to note: {title}", "补充笔记：{title}"),
    "note_delete": ("Delete note: {title}", "删除笔记：{title}"),
    "contact_create": ("New contact: {title}", "新联系人：{title}"),
    "contact_change": ("Change contact: {title}", "修改联系人：{title}"),
    "contact_delete": ("Delete contact: {title}", "删除联系人：{title}"),
    "message_send": ("Send a message to {people}", "给{people}发消息"),
    "row_create": ("New row in {table}: {title}", "在“{table}”里新增：{title}"),
    "row_change": ("Change {count} rows of {table}", "修改“{table}”的{count}行"),
    "row_delete": ("Take {count} rows out of {table}", "从“{table}”删除{count}行"),
    # labels of a card's lines
    "to": ("to", "收件人"),
    "cc": ("copy", "抄送"),
    "subject": ("subject", "主题"),
    "text": ("text", "内容"),
    "when": ("when", "时间"),
    "was": ("was", "原来"),
    "repeats": ("repeats", "重复"),
    "place": ("where", "地点"),
    "notes": ("notes", "备注"),
    "title": ("title", "标题"),
    "alarm": ("alert", "提醒"),
    "people": ("people", "参加者"),
    "folder": ("folder", "文件夹"),
    "rows_label": ("rows", "行"),
    "mails": ("mails", "邮件"),
    "attachments": ("attached", "附件"),
    "phone": ("phone", "电话"),
    "email": ("mail", "邮箱"),
    "address": ("address", "地址"),
    "organisation": ("works at", "单位"),
    "name": ("name", "姓名"),
    "birthday": ("birthday", "生日"),
    "note": ("note", "备注"),
    "until": ("until", "截止"),
    "with_whom": ("With {people}", "与{people}"),
    "only_this": ("only this one", "只改这一次"),
    "minutes_before": ("{count} minutes before", "提前{count}分钟"),
    "too_near": ("too near", "路上来不及"),
    "way_from": ("{title}, {minutes} minutes away", "{title}，路上{minutes}分钟"),
    "overlaps": ("overlaps with", "时间冲突"),
    # counts and states
    "mails_one": ("1 mail", "1封邮件"),
    "mails_many": ("{count} mails", "{count}封邮件"),
    "seen": ("read", "已读"),
    "unseen": ("unread", "未读"),
    "flagged": ("flagged", "星标"),
    "unflagged": ("not flagged", "无星标"),
    # what happened
    "done": ("Done. {what}", "好了。{what}"),
    "declined": ("Nothing was sent or changed.", "好的，什么都没有发送或改动。"),
    "undone": ("Taken back: {what}", "已撤销：{what}"),
    "nothing_to_undo": ("There is nothing to take back.", "没有可以撤销的操作。"),
    "needs_yes": ("Waiting for your yes.", "等你确认。"),
    "corrected": ("Corrected. {what}", "已更正。{what}"),
    # questions
    "ask_which": ("Which one do you mean: {options}?", "你指的是哪一个：{options}？"),
    "ask_slot": ("I need one more thing: {slot}?", "还差一点：{slot}？"),
    "ask_when": ("When should it be?", "什么时候？"),
    "ask_to": ("To whom should it go?", "发给谁？"),
    "ask_unknown_person": (
        "I know nobody called {name}. Who is it?",
        "通讯录里没有{name}，是哪一位？",
    ),
    "ask_body": ("What should it say?", "写什么内容？"),
    "ask_event": ("Which event do you mean?", "你指的是哪个日程？"),
    "event_over": (
        "That one is over: {title}. Which one do you mean?",
        "那一次已经过去了：{title}。你指的是哪一次？",
    ),
    "ask_mail": ("Which mail do you mean?", "你指的是哪封邮件？"),
    "ask_task": ("Which task do you mean?", "你指的是哪个待办？"),
    "ask_note": ("Which note do you mean?", "你指的是哪条笔记？"),
    "ask_contact": ("Whom do you mean?", "你指的是谁？"),
    "ask_address": ("Which address has {name}?", "{name}的邮箱是什么？"),
    "not_found": ("I find nothing that fits \u201c{text}\u201d.", "没有找到“{text}”。"),
    "refuse": (
        "I cannot do that from here: it needs something outside your mail, calendar and notes.",
        "这件事我在这里做不了：它不在你的邮件、日历和笔记里。",
    ),
    "escalate": (
        "That is beyond this device. You can ask the cloud; it sees only what you allow.",
        "这超出了本机的能力。可以交给云端，只会带上你允许的内容。",
    ),
    "foreign_card": (
        "A tool of your servers may do it: {tool}",
        "你的服务器上有个工具也许能办：{tool}",
    ),
    "foreign_missing": (
        "A tool of your servers may do it: {tool}. Say also: {names}.",
        "你的服务器上有个工具也许能办：{tool}。还需要告诉我：{names}。",
    ),
    "foreign_unsaid": ("You did not say: {names}.", "这些不是你说的：{names}。"),
    "escalate_lost": (
        "Say it in other words, or ask the cloud; it sees only what you allow.",
        "换个说法，或者交给云端，只会带上你允许的内容。",
    ),
    "ask_table": ("I know no table {name}. Which one is it?", "没有名为{name}的表格，是哪一个？"),
    # conditions
    "holds": ("\u201c{words}\u201d: yes.", "“{words}”：是。"),
    "fails": ("\u201c{words}\u201d: no.", "“{words}”：否。"),
    "nothing_to_do": ("So there is nothing to do.", "所以什么都不用做。"),
    # answers
    "rows": ("{count} rows of {what}:", "“{what}”中有{count}行："),
    "no_rows": ("No row fits \u201c{text}\u201d.", "没有符合“{text}”的行。"),
    "nothing_on": ("Nothing is on {when}.", "{when}没有安排。"),
    "free": ("Yes, you are free {when}.", "有空：{when}没有安排。"),
    "not_free": ("No, {when} is taken: {what}", "没空，{when}已有安排：{what}"),
    "free_slots": ("You are free: {what}", "有空的时间：{what}"),
    "no_slot": ("There is no such time.", "没有这样的空闲时间。"),
    "no_conflicts": ("No clashes {when}.", "{when}没有冲突。"),
    "conflict": ("{one} and {two} overlap", "{one}和{two}时间冲突"),
    "too_near_pair": (
        "Between {one} and {two} there is no time for the way",
        "{one}和{two}之间来不及赶路",
    ),
    "no_tasks": ("No open tasks.", "没有未完成的待办。"),
    "due": ("due {when}", "截止{when}"),
    "no_mails": ("No mail fits.", "没有符合的邮件。"),
    "no_answer": (
        "I find no answer to that in your mail, calendar and notes.",
        "在你的邮件、日历和笔记里没有找到答案。",
    ),
    "no_field": ("{name}'s card does not say.", "{name}的名片里没有写。"),
    "travel": ("About {minutes} minutes; leave at {leave}.", "大约{minutes}分钟，{leave}出发。"),
    "travel_plain": ("About {minutes} minutes.", "大约{minutes}分钟。"),
    "no_travel": (
        "I cannot tell how long the way is: there is no map on this device. "
        "A line \u201c{place}: 25 min\u201d in a note called \u201cways\u201d would tell me.",
        "本机没有地图，算不出路上要多久。在名为\u201c路程\u201d的笔记里写一行\u201c{place}：25分钟\u201d，我就知道了。",
    ),
    "days_until": ("{count} days, until {day}", "还有{count}天，{day}"),
    "span": ("{hours} hours {minutes} minutes", "{hours}小时{minutes}分钟"),
    "span_hours": ("{hours} hours", "{hours}小时"),
    "injection": (
        "(This mail tries to give an assistant orders. I left them out and follow none.)",
        "（这封邮件里有写给助手的指令，已略去，不会照做。）",
    ),
    "unread_open": ("Unread and waiting for you: {what}", "未读、等你回复的：{what}"),
    "link_only": (
        "The list offers a web link only; open it yourself if you trust it: {link} ⚠",
        "这个列表只提供网页退订链接，确认可信再自己打开：{link} ⚠",
    ),
    "no_unsubscribe": ("This mail says nothing about leaving a list.", "这封邮件没有退订方式。"),
    "no_invitation": ("This mail holds no invitation.", "这封邮件里没有邀请。"),
    "busy": ("{title}, {when}", "{when} {title}"),
    "same_words": ("{text}", "{text}"),
}

_DAYS_ZH = "一二三四五六日"


def say(language: str, key: str, **values: object) -> str:
    """A sentence in the user's language. `KeyError` for a key that is not in the table."""
    english, chinese = _SENTENCES[key]
    return (chinese if language == "zh" else english).format(**values)


def day_text(day: date, language: str) -> str:
    """A day with its weekday: `Thursday 12 March 2026`, `2026年3月12日（周四）`."""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日（周{_DAYS_ZH[day.weekday()]}）"
    return f"{day:%A} {day.day} {day:%B %Y}"


def moment_text(moment: datetime | date, language: str) -> str:
    """A day, with the time where there is one."""
    if not isinstance(moment, datetime):
        return day_text(moment, language)
    return f"{day_text(moment.date(), language)} {moment:%H:%M}"


def range_text(start: datetime, end: datetime | None, language: str, *, all_day: bool) -> str:
    """From when to when; an all-day range shows its last day."""
    if all_day:
        last = (end - timedelta(days=1)).date() if end else start.date()
        if last <= start.date():
            return day_text(start.date(), language)
        return f"{day_text(start.date(), language)} – {day_text(last, language)}"
    if end is None or end <= start:
        return moment_text(start, language)
    if end.date() == start.date():
        return f"{moment_text(start, language)}–{end:%H:%M}"
    return f"{moment_text(start, language)} – {moment_text(end, language)}"


def span_text(span: timedelta, language: str) -> str:
    """A length of time in hours and minutes."""
    hours, minutes = divmod(round(span.total_seconds() / 60), 60)
    key = "span" if minutes else "span_hours"
    return say(language, key, hours=hours, minutes=minutes)


def count_text(count: int, language: str) -> str:
    """So many mails."""
    return say(language, "mails_one" if count == 1 else "mails_many", count=count)
