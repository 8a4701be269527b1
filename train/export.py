"""Write a checkpoint as GGUF q8_0: `python -m train.export pocket FILE`.

With it go the tokenizer and the chat template. The tensors keep the training layout (see
model.py), so writing is renaming, splitting and rounding.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import gguf
import torch

from train.data import BOS, END, SPECIALS
from train.model import NORM_EPSILON, ROPE_BASE

CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>' + (message['content'] | trim) + '<|end|>' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
LICENCE = (
    "Weights CC BY 4.0; trained on OpenStax textbooks (CC BY 4.0)"
    " and Standard Ebooks novels (CC0 1.0)"
)

# Tensors that are written as they are: GGUF's name and training's.
_SAME_NAMES = {
    "attn_output": "attention_out",
    "ffn_down": "down",
    "attn_norm": "attention_norm",
    "ffn_norm": "feed_norm",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size")
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--out", type=Path, default=Path("build/train"), help="the folder that recipe.py wrote to"
    )
    options = parser.parse_args()
    state = torch.load(
        options.out / options.size / "checkpoint.pt", weights_only=False, map_location="cpu"
    )
    options.file.parent.mkdir(parents=True, exist_ok=True)
    write(
        options.file,
        options.size,
        state,
        json.loads((options.out / "tokenizer.json").read_text("utf-8")),
    )
    print(
        f"{options.file}: {options.file.stat().st_size / 1e6:.2f} MB, {state['tokens']} tokens seen"
    )


def write(file: Path, name: str, state: dict[str, Any], tokenizer: dict[str, Any]) -> None:
    writer = gguf.GGUFWriter(file, "llama")
    _write_facts(writer, name, state["shape"])
    _write_tokenizer(writer, tokenizer["model"])
    weights = state.get("average") or state["model"]
    for tensor_name, tensor in _tensors(weights, state["shape"]["hidden"]):
        array = tensor.float().contiguous().numpy()
        if array.ndim == 1:  # norms stay exact
            writer.add_tensor(tensor_name, array)
        else:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(tensor_name, gguf.quants.quantize(array, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _write_facts(writer: gguf.GGUFWriter, name: str, shape: dict[str, int]) -> None:
    writer.add_name(f"Tandem {name}")
    writer.add_license(LICENCE)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_context_length(shape["context"])
    writer.add_embedding_length(shape["width"])
    writer.add_block_count(shape["layers"])
    writer.add_feed_forward_length(shape["hidden"])
    writer.add_head_count(shape["heads"])
    writer.add_head_count_kv(shape["heads"])
    writer.add_layer_norm_rms_eps(NORM_EPSILON)
    writer.add_rope_freq_base(ROPE_BASE)
    writer.add_rope_dimension_count(shape["width"] // shape["heads"])
    writer.add_vocab_size(shape["vocabulary"])


def _write_tokenizer(writer: gguf.GGUFWriter, bpe: dict[str, Any]) -> None:
    tokens = sorted(bpe["vocab"], key=bpe["vocab"].get)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(
        [gguf.TokenType.CONTROL if t in SPECIALS else gguf.TokenType.NORMAL for t in tokens]
    )
    writer.add_token_merges(
        [pair if isinstance(pair, str) else " ".join(pair) for pair in bpe["merges"]]
    )
    writer.add_bos_token_id(BOS)
    writer.add_eos_token_id(END)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(CHAT_TEMPLATE)


def _tensors(weights: dict[str, torch.Tensor], hidden: int) -> list[tuple[str, torch.Tensor]]:
    """GGUF's names; no output matrix, because it is tied to the embedding."""
    found = [
        ("token_embd.weight", weights["embedding.weight"]),
        ("output_norm.weight", weights["norm.weight"]),
    ]
    layers = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("blocks."))
    for layer in range(layers):
        block = {
            name.split(".")[2]: w
            for name, w in weights.items()
            if name.startswith(f"blocks.{layer}.")
        }
        parts = dict(zip(("attn_q", "attn_k", "attn_v"), block["qkv"].chunk(3), strict=True))
        parts |= dict(zip(("ffn_gate", "ffn_up"), block["gate_up"].split(hidden), strict=True))
        parts |= {theirs: block[ours] for theirs, ours in _SAME_NAMES.items()}
        found += [(f"blk.{layer}.{name}.weight", tensor) for name, tensor in parts.items()]
    return found


def read_weights(file: Path, vocabulary: dict[str, int]) -> dict[str, torch.Tensor]:
    """An exported model's weights under the names of training; q8_0 is rounded, norms are exact.

    Raises ValueError when its tokens are not those of `vocabulary`.
    """
    reader = gguf.GGUFReader(file)
    if reader.fields["tokenizer.ggml.tokens"].contents() != sorted(vocabulary, key=vocabulary.get):
        raise ValueError(f"{file} has another tokenizer than the one made from this data.")
    found = {
        tensor.name: torch.from_numpy(
            gguf.quants.dequantize(tensor.data, tensor.tensor_type).copy()
        )
        for tensor in reader.tensors
    }
    weights = {
        "embedding.weight": found["token_embd.weight"],
        "norm.weight": found["output_norm.weight"],
    }
    for layer in range(sum(name.endswith("attn_q.weight") for name in found)):
        part = {
            name: found[f"blk.{layer}.{name}.weight"]
            for name in (*"attn_q attn_k attn_v ffn_gate ffn_up".split(), *_SAME_NAMES)
        }
        block = {
            "qkv": torch.cat([part["attn_q"], part["attn_k"], part["attn_v"]]),
            "gate_up": torch.cat([part["ffn_gate"], part["ffn_up"]]),
            **{ours: part[theirs] for theirs, ours in _SAME_NAMES.items()},
        }
        weights |= {f"blocks.{layer}.{name}.weight": tensor for name, tensor in block.items()}
    return weights


if __name__ == "__main__":
    main()
