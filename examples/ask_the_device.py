"""Ask the device in this process: one question, its answer, its receipt. Nothing leaves.

python examples/ask_the_device.py "What is a recession?"
"""

from __future__ import annotations

import asyncio
import os
import sys

from tandem.bootstrap import open_tandem
from tandem.config import Settings, paths_from, settings_file
from tandem.secrets import Secrets
from tandem.types import Finish, Request, TextDelta, message


async def main(question: str) -> None:
    settings = Settings()
    paths = paths_from(settings, settings_file(os.environ), os.environ)
    request = Request(messages=(message("user", question),))
    async with open_tandem(settings, paths, Secrets(os.environ), local_only=True) as tandem:
        async for event in tandem.engine.generate(request):
            if isinstance(event, TextDelta):
                print(event.text, end="", flush=True)
            elif isinstance(event, Finish) and event.entry is not None:
                entry = event.entry
                print(f"\n\n{entry.outcome} by the {entry.answered_by} in {entry.seconds:.2f} s;")
                print(f"{entry.num_bytes_out} bytes left. {entry.verdict}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "What is a recession?"))
