"""`tandem privacy`, and the preview with its keys."""

from __future__ import annotations

import json
from pathlib import Path

from tandem.cli import say
from tandem.cli.review import Review
from tandem.engines.scripted import Reply
from tandem.types import Action, Departure, Origin, Outgoing, Placeholder, Request, message
from tests.cli.running import Home, scripted_cloud
from tests.privacy.test_pictures import png

MAIL = "ann.lee@example.org"


def test_explain_says_what_would_be_covered_and_why(home: Home) -> None:
    """A text, its things, the rule; nothing needs a cloud and nothing is kept."""
    told = home.json("privacy", "explain", f"Write to {MAIL}", "--json")
    (item,) = told["items"]
    assert item["kind"] == "email" and item["value"] == MAIL and item["is_covered"]
    assert "built-in rule" in item["reason"]
    shown = home.run("privacy", "explain", f"Write to {MAIL}").stdout
    assert "Write to Email " in shown and "(email, typed" in shown
    assert "Nothing personal" in home.run("privacy", "explain", "Nothing here.").stdout
    assert home.run("privacy", "explain").exit_code == 2


def test_explain_tells_of_a_picture(home: Home) -> None:
    """That nothing looks into it, and that it waits for the user's word."""
    photo = home.folder / "photo.png"
    photo.write_bytes(png())
    told = home.json("privacy", "explain", "Who is this?", "--attach", str(photo), "--json")
    (item,) = told["items"]
    assert item["kind"] == "picture" and item["is_open"] and "image/png" in item["value"]
    assert "nothing looks into it" in item["reason"]
    assert home.run("privacy", "explain", "--attach", "nowhere.png").exit_code == 2


def test_rules_are_the_users_first(home: Home) -> None:
    """A rule from the settings stands above the built-in ones and counts."""
    assert home.run("config", "set", "privacy.rules.email from typed", "keep").exit_code == 0
    first = home.run("privacy", "rules").stdout.splitlines()[0]
    assert first == 'your rule "email from typed" = "keep"'
    told = home.json("privacy", "explain", f"Write to {MAIL}", "--json")
    assert not told["items"][0]["is_covered"]
    mail = home.json("privacy", "explain", f"Write to {MAIL}", "--from", "mail", "--json")
    assert mail["items"][0]["is_covered"]


def test_a_rule_that_cannot_be_read_is_named(home: Home) -> None:
    """A wrong kind or action is an error of the settings, with the kinds."""
    wrong = home.run("config", "set", "privacy.rules.persom", "keep")
    assert wrong.exit_code == 2 and "persom" in wrong.stderr
    assert home.run("config", "set", "privacy.rules.person", "hide").exit_code == 2


def test_what_left_is_covered_recorded_and_verified(home: Home) -> None:
    """Over a real connection: masked out, restored in, counted in the receipt and the audit."""
    home.knows_nothing()
    with scripted_cloud(home, Reply("I will write.")):
        home.run("ask", f"Write to {MAIL}")
        (shown,) = home.lines("escalate", "--preview", "--json")
        assert MAIL not in shown["outgoing"]["body"]
        assert shown["items"][0]["value"] == MAIL
        pieces = [each for m in shown["messages"] for each in m["segments"]]
        assert any(each["item"] == 0 and each["text"].startswith("Email ") for each in pieces)
        finish = home.lines("escalate", "--yes", "--json")[-1]
        assert finish["entry"]["covered"] == [["email", 1]]
    rows = home.json("privacy", "audit", "--json")
    assert rows[-1]["covered"] == {"email": 1}
    assert "none was changed" in home.run("privacy", "audit", "--verify").stdout
    out = home.folder / "out.jsonl"
    assert home.run("privacy", "audit", "--export", str(out)).exit_code == 0
    assert len(out.read_text().splitlines()) == len(rows)
    path = home.folder / "audit.jsonl"
    path.write_text(path.read_text().replace('"email":1', '"email":2'))
    assert home.run("privacy", "audit", "--verify").exit_code == 1
    faults = home.json("doctor", "--offline", "--json")
    assert any(each["check"] == "audit trail" and each["status"] == "fault" for each in faults)
    assert home.run("privacy", "audit", "--new").exit_code == 0
    assert home.run("privacy", "audit", "--verify").exit_code == 0


def test_a_lost_key_keeps_everything_here(home: Home) -> None:
    """The vault's key is gone: the question stays, and the doctor says why."""
    home.knows_nothing()
    with scripted_cloud(home, Reply("Well.")):
        home.run("ask", f"Write to {MAIL}")
        assert home.run("escalate", "--yes").exit_code in (0, 3)
        (home.folder / "vault-key").unlink()
        lost = home.run("escalate", "--yes")
        assert lost.exit_code == 1 and "key is lost" in lost.stderr
        faults = home.json("doctor", "--offline", "--json")
        assert any("key is lost" in each["message"] for each in faults)


# --- the review ---------------------------------------------------------------------------------


def _look(request: Request) -> Departure:
    """A guard's preview of two things, in short."""
    firm = Action.MASK if "Organisation 7" in request.covered else Action.KEEP
    person = Action.KEEP if "Person 482" in request.uncovered else Action.MASK
    items = (
        Placeholder("Person 482", "person", "Ann Lee", (Origin.MAIL,), person, "a rule"),
        Placeholder("Organisation 7", "organisation", "Contoso", (Origin.TYPED,), firm, "a rule"),
    )
    names = [item.value if item.action is Action.KEEP else item.shown for item in items]
    body = json.dumps({"content": f"{names[0]} of {names[1]}"}).encode()
    return Departure(Outgoing("POST", "http://h/v1", (), body), "h", items, request=request)


def test_one_key_covers_or_uncovers_one_thing() -> None:
    """Each press changes what would leave; the yes carries the word on each."""
    review = Review(Request((message("user", "x"),)), _look)
    assert b"Person 482 of Contoso" in review.leaving.outgoing.body
    review.toggle(0)
    review.toggle(1)
    review.toggle(7)
    assert b"Ann Lee of Organisation 7" in review.leaving.outgoing.body
    agreed = review.agreed()
    assert agreed.may_leave_device
    assert agreed.uncovered == {"Person 482"} and agreed.covered == {"Organisation 7"}
    review.toggle(0)
    review.cover_all()
    assert b"Person 482 of Organisation 7" in review.leaving.outgoing.body
    review.move(5)
    assert "> 2 [x]" in review.lines(is_coloured=False)


def test_the_preview_is_coloured_where_things_stand() -> None:
    """Covered things are yellow, kept ones green, in the bytes and in the list; control characters
    in a value stay out of the terminal.
    """
    leaving = _look(Request((message("user", "x"),)))
    shown = say.preview(leaving, is_coloured=True)
    assert "\x1b[30;43mPerson 482\x1b[0m of \x1b[30;42mContoso\x1b[0m" in shown
    assert "Person 482 for Ann Lee" in say.preview(leaving)
    odd = Placeholder("Person 1", "person", "A\x1b[2Jnn", (Origin.TYPED,))
    assert "\x1b" not in say.item_lines([odd])


def test_files_of_privacy_are_the_users_alone(home: Home) -> None:
    """Vault, key and trail have no rights for others."""
    home.knows_nothing()
    with scripted_cloud(home, Reply("Well.")):
        home.run("ask", f"Write to {MAIL}")
        home.run("escalate", "--yes")
    names = [
        path for path in Path(home.folder).iterdir() if path.name.startswith(("vault", "audit"))
    ]
    assert len(names) >= 4
    assert all(path.stat().st_mode & 0o077 == 0 for path in names)
