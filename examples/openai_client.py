"""OpenAI's own client against `tandem serve`, streaming, with Tandem's receipt at the end.

tandem serve        # says which address and which token's file to use
export OPENAI_BASE_URL=http://127.0.0.1:8310/v1 OPENAI_API_KEY=$(cat TOKEN_FILE)
python examples/openai_client.py "What is a recession?"
"""

from __future__ import annotations

import sys

from openai import OpenAI


def main(question: str) -> None:
    client = OpenAI()
    stream = client.chat.completions.create(
        model="tandem", messages=[{"role": "user", "content": question}], stream=True
    )
    for chunk in stream:
        for choice in chunk.choices:
            print(choice.delta.content or "", end="", flush=True)
        told = (chunk.model_extra or {}).get("tandem")
        if told:
            print(f"\n\nanswered by the {told['place']}: {told['route']['reason']}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "What is a recession?")
