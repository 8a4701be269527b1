"""A conversation as token ids of the cloud's model, and whether ids alone can answer it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tandem.engines.llama_chat import Chat, Prompt
from tandem.engines.llama_model import Model
from tandem.engines.llama_text import Text
from tandem.joint.coupling import Draw
from tandem.ports import Clock
from tandem.types import ImagePart, Request, Sampling

ASSUMED_OUTPUT_TOKENS = 512


@dataclass(slots=True)
class Prompting:
    """Opens a vocabulary at the first need. `template` gives Jinja text, or `None` where the
    cloud's model has none; `end_token` is what it calls `eos_token`, `None` the file's own."""

    open_vocabulary: Callable[[], Model]
    template: Callable[[Model], str | None]
    end_token: int | None
    clock: Clock
    _read: tuple[Model, Chat] | None = field(default=None, init=False)

    @property
    def model(self) -> Model:
        return self._opened()[0]

    @property
    def end_ids(self) -> frozenset[int]:
        """What ends an answer."""
        own = self.model.end_tokens
        return own if self.end_token is None else own | {self.end_token}

    def prompt(self, request: Request) -> Prompt:
        """The prompt. Raises `BadRequest` for a conversation that the template refuses."""
        return self._opened()[1].prompt(request.messages)

    def text(self, sampling: Sampling) -> Text:
        """An answer that begins, with the request's stop strings and the template's."""
        return Text((*sampling.stop, *self._opened()[1].stop))

    def close(self) -> None:
        """Close the vocabulary; it opens again when it is needed."""
        if self._read is not None:
            self._read[0].close()
            self._read = None

    def _opened(self) -> tuple[Model, Chat]:
        if self._read is None:
            model = self.open_vocabulary()
            template = self.template(model)
            self._read = model, Chat(model, template, self.clock, eos=self.end_token)
        return self._read


def fits(request: Request) -> bool:
    """Whether ids alone can answer it; for the rest there is the plain stream."""
    sampling = request.sampling
    is_plain_text = not request.tools and request.response_format.kind == "text"
    has_penalties = bool(sampling.presence_penalty or sampling.frequency_penalty)
    sees = any(isinstance(part, ImagePart) for m in request.messages for part in m.content)
    calls = any(m.tool_calls or m.role == "tool" for m in request.messages)
    return is_plain_text and not (has_penalties or sees or calls or sampling.logprobs is not None)


def draw_of(sampling: Sampling) -> Draw:
    """The rule of drawing that a request asks for; seed 0 where it names none."""
    return Draw(
        temperature=sampling.temperature or 0.0,
        top_k=sampling.top_k or 0,
        top_p=1.0 if sampling.top_p is None else sampling.top_p,
        min_p=sampling.min_p or 0.0,
        seed=sampling.seed or 0,
    )
