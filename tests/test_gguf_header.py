"""The header reader: right about good files, and never wrong-footed by bad ones."""

from __future__ import annotations

import struct
from pathlib import Path

import gguf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tandem.errors import BadModel
from tandem.gguf_header import TENSOR_TYPES, fingerprint, read_header
from tests.engines.tiny_gguf import write_tiny_gguf


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("headers") / "tiny.gguf")


def test_a_good_file_is_read(tiny: Path) -> None:
    """The numbers are those that were written."""
    header = read_header(tiny)
    assert (header.architecture, header.context_tokens) == ("llama", 512)
    assert header.num_tokens == 262 and header.num_tensors == 21
    assert header.size_bytes == tiny.stat().st_size


def test_tensor_types_are_those_of_the_gguf_package() -> None:
    """The sizes of blocks agree with the reference, type by type."""
    known = {kind.value: sizes for kind, sizes in gguf.GGML_QUANT_SIZES.items()}
    assert {kind: TENSOR_TYPES[kind] for kind in known if kind in TENSOR_TYPES} == {
        kind: known[kind] for kind in known if kind in TENSOR_TYPES
    }
    assert set(known) <= set(TENSOR_TYPES)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.01, 0.05, 0.2, 0.5, 0.99, 0.99999])
def test_every_truncation_is_noticed(tiny: Path, tmp_path: Path, share: float) -> None:
    """A file cut anywhere is refused, with the reason."""
    data = tiny.read_bytes()
    path = tmp_path / "cut.gguf"
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(BadModel, match="cut short|too short|counts more"):
        read_header(path)


def changed(data: bytes, key: str, form: str, value: int) -> bytes:
    """The file with one number of its metadata changed."""
    name = key.encode()
    at = data.index(struct.pack("<Q", len(name)) + name) + 8 + len(name) + 4
    return data[:at] + struct.pack(form, value) + data[at + struct.calcsize(form) :]


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("llama.context_length", 0, "context_length"),
        ("llama.embedding_length", 2**31, "embedding_length"),
        ("llama.embedding_length", 96, "embeddings do not fit"),
        ("llama.block_count", 2**30, "block_count"),
        ("llama.block_count", 514, "block_count"),
        ("llama.attention.head_count", 0, "head_count"),
        ("llama.attention.head_count", 4096, "heads"),
        ("tokenizer.ggml.bos_token_id", 10**6, "bos token"),
    ],
)
def test_senseless_numbers_are_refused(
    tiny: Path, tmp_path: Path, key: str, value: int, why: str
) -> None:
    """What the loader would divide by or allocate by is doubted first."""
    path = tmp_path / "changed.gguf"
    path.write_bytes(changed(tiny.read_bytes(), key, "<I", value))
    with pytest.raises(BadModel, match=why):
        read_header(path)


def test_a_token_twice_is_refused(tiny: Path, tmp_path: Path) -> None:
    """The library would abort the process over it."""
    path = tmp_path / "twice.gguf"
    path.write_bytes(
        tiny.read_bytes().replace(struct.pack("<Q", 1) + b"b", struct.pack("<Q", 1) + b"a", 1)
    )
    with pytest.raises(BadModel, match="twice in its vocabulary"):
        read_header(path)


def test_huge_counts_and_lengths_cost_nothing(tiny: Path, tmp_path: Path) -> None:
    """Counts of 2^60 are refused at once, not looped over or allocated."""
    data = tiny.read_bytes()
    for at in (8, 16, 24):
        path = tmp_path / "huge.gguf"
        path.write_bytes(data[:at] + struct.pack("<Q", 2**60) + data[at + 8 :])
        with pytest.raises(BadModel):
            read_header(path)


def test_other_files_are_named_for_what_they_lack(tmp_path: Path) -> None:
    """A web page, zeros, an old version, a directory."""
    path = tmp_path / "other.gguf"
    for content, why in (
        (b"<html>" * 100, "not a GGUF file"),
        (bytes(1000), "not a GGUF file"),
        (b"GGUF" + struct.pack("<IQQ", 1, 0, 0), "version 1"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 0) + bytes(64), "architecture"),
    ):
        path.write_bytes(content)
        with pytest.raises(BadModel, match=why):
            read_header(path)
    with pytest.raises(BadModel, match="cannot be read"):
        read_header(tmp_path)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_damaged_headers_are_refused_or_read_never_worse(
    tiny: Path, tmp_path: Path, data: st.DataObject
) -> None:
    """Flip bytes anywhere in the header: a Header or a BadModel, quickly, and nothing else."""
    content = bytearray(tiny.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, 9000))
        content[at] = data.draw(st.sampled_from([0, 1, 7, 0x7F, 0x80, 0xFF]))
    path = tmp_path / "damaged.gguf"
    path.write_bytes(content)
    try:
        read_header(path)
    except BadModel as error:
        assert error.remedy


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_refused(tmp_path: Path, content: bytes) -> None:
    """No bytes of chance are a model."""
    path = tmp_path / "chance.gguf"
    path.write_bytes(b"GGUF\x03\0\0\0" + content)
    with pytest.raises(BadModel):
        read_header(path)


def test_fingerprints_differ_where_files_do(tiny: Path, tmp_path: Path) -> None:
    """The same file has one name; another model has another."""
    other = write_tiny_gguf(tmp_path / "other.gguf", seed=1)
    assert fingerprint(tiny) == fingerprint(tiny) != fingerprint(other)
