"""A small llama: RMSNorm, interleaved rotary positions, SwiGLU, tied embeddings.

Written to be exported: the rotation pairs neighbouring channels, as GGUF's architecture `llama`
does, so no weight is permuted on the way out. It knows nothing of data or training.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

NORM_EPSILON = 1e-5
ROPE_BASE = 10000.0


@dataclass(frozen=True)
class Shape:
    vocabulary: int
    width: int
    layers: int
    heads: int
    hidden: int
    context: int = 1024

    @property
    def head_size(self) -> int:
        return self.width // self.heads


class Block(nn.Module):
    """Attention and feed-forward; q, k, v are one matrix, gate and up too: that is faster."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.attention_norm = nn.RMSNorm(shape.width, eps=NORM_EPSILON)
        self.qkv = nn.Linear(shape.width, 3 * shape.width, bias=False)
        self.attention_out = nn.Linear(shape.width, shape.width, bias=False)
        self.feed_norm = nn.RMSNorm(shape.width, eps=NORM_EPSILON)
        self.gate_up = nn.Linear(shape.width, 2 * shape.hidden, bias=False)
        self.down = nn.Linear(shape.hidden, shape.width, bias=False)

    def forward(self, x: Tensor, cosine: Tensor, sine: Tensor, mask: Tensor) -> Tensor:
        batch, length, width = x.shape
        qkv = self.qkv(self.attention_norm(x)).view(
            batch, length, 3, self.heads, width // self.heads
        )
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        query, key = _rotated(query, cosine, sine), _rotated(key, cosine, sine)
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        x = x + self.attention_out(attended.transpose(1, 2).reshape(batch, length, width))
        gate, up = self.gate_up(self.feed_norm(x)).chunk(2, dim=-1)
        return x + self.down(functional.silu(gate) * up)


class Llama(nn.Module):
    cosine: Tensor
    sine: Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.RMSNorm(shape.width, eps=NORM_EPSILON)
        cosine, sine = _rotations(shape)
        self.register_buffer("cosine", cosine, persistent=False)
        self.register_buffer("sine", sine, persistent=False)
        self._initialise()

    def forward(self, tokens: Tensor, conversation: Tensor) -> Tensor:
        """Logits; a token sees only earlier tokens of its own conversation in the row."""
        length = tokens.shape[1]
        mask = (conversation[:, :, None] == conversation[:, None, :]).tril()[:, None]
        x = self.embedding(tokens)
        for block in self.blocks:
            x = block(x, self.cosine[:length], self.sine[:length], mask)
        return functional.linear(self.norm(x), self.embedding.weight)

    def widen_from(self, smaller: dict[str, Tensor]) -> None:
        """Take over a model with narrower feed-forwards; the function stays the same at first.

        The new columns of `down` are zero, so that the new hidden units add nothing until trained.
        """
        hidden = self.shape.hidden
        with torch.no_grad():
            for name, weight in self.state_dict().items():
                old = smaller[name]
                if name.endswith("gate_up.weight"):
                    narrow = old.shape[0] // 2
                    weight[:narrow] = old[:narrow]
                    weight[hidden : hidden + narrow] = old[narrow:]
                elif name.endswith("down.weight"):
                    weight.zero_()
                    weight[:, : old.shape[1]] = old
                else:
                    weight.copy_(old)

    def _initialise(self) -> None:
        deviation = 0.6 * self.shape.width**-0.5
        for name, weight in self.named_parameters():
            if "embedding" in name:
                nn.init.normal_(weight, std=0.02)
            elif weight.dim() == 2:
                ends_branch = "down" in name or "attention_out" in name
                nn.init.normal_(
                    weight,
                    std=deviation / (2 * self.shape.layers) ** 0.5 if ends_branch else deviation,
                )


def _rotations(shape: Shape) -> tuple[Tensor, Tensor]:
    frequencies = ROPE_BASE ** (-torch.arange(0, shape.head_size, 2).float() / shape.head_size)
    angles = torch.arange(shape.context).float()[:, None] * frequencies
    return angles.cos(), angles.sin()


def _rotated(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    even, odd = x.unflatten(-1, (-1, 2)).unbind(-1)
    return torch.stack((even * cosine - odd * sine, even * sine + odd * cosine), dim=-1).flatten(-2)
