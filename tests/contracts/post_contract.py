"""What every Post promises. A subclass gives `post` and tells what arrived."""

from __future__ import annotations

from tandem.connectors.ports import Post
from tandem.connectors.records import Letter

LETTER = Letter(
    message_id="<out-1@example.org>",
    sender="ana@example.org",
    recipients=("ben@example.net", "hidden@example.net"),
    raw=b"Message-ID: <out-1@example.org>\r\nTo: ben@example.net\r\nSubject: Tea\r\n\r\n"
    b"Dear Ben,\r\n.\r\n..two\r\n",
)


class PostContract:
    """Subclasses give a fixture `post` and `arrived`: (sender, recipients, raw) of each letter."""

    def arrived(self) -> list[tuple[str, tuple[str, ...], bytes]]:
        """What came out at the other end."""
        raise NotImplementedError

    def test_a_letter_arrives_whole(self, post: Post) -> None:
        """Byte for byte, at everyone in the envelope; lines of dots too."""
        assert not post.has_taken(LETTER)
        post.send(LETTER)
        assert self.arrived() == [(LETTER.sender, LETTER.recipients, LETTER.raw)]
        assert post.has_taken(LETTER) is not False
