"""The tools are one consistent table."""

from tandem.types import Effect
from tandem.understanding.catalogue import CATALOGUE, NONE, SlotType, effect_of


def test_names_and_slots_are_unique() -> None:
    """A name is a class of the encoder: it stands for one tool, and a slot for one thing."""
    assert NONE not in CATALOGUE
    for name, spec in CATALOGUE.items():
        slots = [slot.name for slot in spec.slots]
        assert name == spec.name
        assert len(slots) == len(set(slots))


def test_a_choice_has_choices_and_nothing_else_has() -> None:
    """The schema can only be right when choices stand where they belong."""
    for spec in CATALOGUE.values():
        for slot in spec.slots:
            assert bool(slot.choices) == (slot.type is SlotType.CHOICE)


def test_the_schema_asks_for_what_is_required_and_allows_nothing_else() -> None:
    """A cloud or an MCP client sees the same slots as the reader."""
    spec = CATALOGUE["mail_forward"]
    schema = spec.tool.schema
    assert schema["required"] == ["mail", "to"]
    assert schema["properties"]["to"]["type"] == "array"
    assert schema["additionalProperties"] is False


def test_what_goes_out_is_outward_and_an_invited_guest_lifts() -> None:
    """Sending always needs a yes; an event does when somebody is invited to it."""
    for name in ("mail_send", "mail_reply", "mail_forward", "message_send", "event_invite"):
        assert CATALOGUE[name].effect is Effect.OUTWARD
    assert effect_of("event_create", frozenset({"title", "when"})) is Effect.REVERSIBLE
    assert effect_of("event_create", frozenset({"title", "attendees"})) is Effect.OUTWARD
