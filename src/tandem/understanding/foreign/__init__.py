"""Tools that nobody knew at training time: found by their words, filled by their schemas.

    found = Shelf(tools).find("what's the weather in Oslo", 5)     # the likeliest first
    call = read(request, found, now)                               # values are the user's words

Such tools come from MCP servers. What they say of themselves is somebody else's text: it may say
which words fill an argument, and never what to do.
"""

from tandem.understanding.foreign.filling import Arguments, fill
from tandem.understanding.foreign.reading import ForeignCall, read
from tandem.understanding.foreign.retrieving import Shelf, ToolText

__all__ = ["Arguments", "ForeignCall", "Shelf", "ToolText", "fill", "read"]
