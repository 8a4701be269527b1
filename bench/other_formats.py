"""Writes a GGUF once more in another weight format: the same model as f16 or q4_0.

The library that the engine uses exports no quantiser; the `gguf` package has one. Quality is not
the point (a q8_0 file is the source): the formats have kernels of their own, and those are what
`bench.joint` and the certificate's tests are after.
"""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Kind
from gguf import GGUFReader, GGUFValueType, GGUFWriter
from gguf.quants import dequantize, quantize

# GGUF's own numbers for `general.file_type`.
FILE_TYPES = {Kind.F32: 0, Kind.F16: 1, Kind.Q4_0: 2, Kind.Q8_0: 7, Kind.BF16: 32}


def write_in_format(source: Path, target: Path, kind: str) -> Path:
    """Write `source` as `target` with its matrices in `kind` ("F16", "Q4_0", ...); vectors stay."""
    wanted = Kind[kind]
    reader = GGUFReader(source)
    architecture = str(reader.fields["general.architecture"].contents())
    writer = GGUFWriter(target, architecture)
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name in ("general.architecture", "general.file_type"):
            continue
        inner = field.types[1] if field.types[0] is GGUFValueType.ARRAY else None
        writer.add_key_value(name, field.contents(), field.types[0], sub_type=inner)
    writer.add_file_type(FILE_TYPES[wanted])
    for tensor in reader.tensors:
        data = tensor.data
        if tensor.tensor_type not in (Kind.F32,):
            plain = dequantize(data, tensor.tensor_type)
            data = _converted(plain, wanted)
            writer.add_tensor(tensor.name, data, raw_dtype=wanted)
        else:
            writer.add_tensor(tensor.name, np.asarray(data))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return target


def _converted(plain: np.ndarray, kind: gguf.GGMLQuantizationType) -> np.ndarray:
    if kind is Kind.F32:
        return plain
    return plain.astype(np.float16) if kind is Kind.F16 else quantize(plain, kind)
