"""What is looked at of an HDF5 file before its library reads it."""

from __future__ import annotations

import math
import mmap
import os
import zlib
from pathlib import Path
from typing import Any

from keras_motif.motifs.binary_files import check_size, reading

__all__ = ["check_declared", "check_heaps"]

_MOST_CHUNKS = 2**20  # of a data set, unless the file has the room to list more,
_CHUNK_ENTRY = 8  # bytes each
_GZIP, _PLAIN_SIZE = 1, {2, 3}  # filters: gzip; shuffle and sums keep the size
_LARGE_CHUNK = 2**19  # bytes; gzip unpacks less to at most 1,032 times as much
_SMALL_FILE = 2**28  # bytes; a larger one has the right to take memory
_STEP = 2**20  # bytes unpacked at a time
_HEAP, _HEAP_HEADER = b"GCOL", 16  # of a global heap, and of each of its entries


def check_declared(dataset: Any, place: str, *, elsewhere: bool = False) -> int:
    """Return a data set's size when unpacked, where its file could hold it.

    Args:
        dataset: The `h5py.Dataset`.
        place: The file and the data set's name.
        elsewhere: Whether its values may lie in other files.

    Raises:
        ValueError: It declares too much, or unpacks to more than it declares.
    """
    with reading(place, "a data set"):
        shape, chunks = dataset.shape or (), dataset.chunks
        item_bytes = dataset.dtype.itemsize
        is_elsewhere = bool(dataset.is_virtual or dataset.external)
        file_bytes = int(dataset.file.id.get_filesize())
    num_bytes: int = math.prod(shape) * item_bytes
    if is_elsewhere:
        if not elsewhere:
            raise ValueError(
                f"{place}: expected data in this file. Its values lie in other files; "
                "copy them into this one."
            )
        return num_bytes
    if not chunks:
        check_size(num_bytes, file_bytes, place)
        return num_bytes
    if len(chunks) != len(shape) or 0 in chunks:
        raise ValueError(
            f"{place}: expected chunks for shape {shape}. Received {chunks}; the file "
            "is damaged."
        )
    # A single chunk is unpacked whole, and may be larger than the data set.
    chunk_bytes = math.prod(chunks) * item_bytes
    check_size(max(num_bytes, chunk_bytes), file_bytes, place)
    num_chunks = math.prod(
        -(-size // chunk) for size, chunk in zip(shape, chunks, strict=True)
    )
    if num_chunks > max(_MOST_CHUNKS, file_bytes // _CHUNK_ENTRY):
        raise ValueError(
            f"{place}: expected at most {_MOST_CHUNKS:,} chunks in a file of "
            f"{file_bytes:,} bytes. Received {num_chunks:,}. Store it in chunks of "
            "whole sequences."
        )
    if file_bytes <= _SMALL_FILE:
        _check_unpacked(dataset, chunk_bytes, place)
    return num_bytes


def _check_unpacked(dataset: Any, chunk_bytes: int, place: str) -> None:
    """Raise where a chunk unpacks to more than it declares.

    HDF5 makes room for as much as gzip gives, whatever the chunk's size.
    """
    with reading(place, "a data set"):
        made = dataset.id.get_create_plist()
        filters = [made.get_filter(at)[0] for at in range(made.get_nfilters())]
    if _GZIP not in filters:
        return
    if filters.count(_GZIP) > 1:
        raise ValueError(
            f"{place}: expected data that are packed once. Received gzip within gzip; "
            "write it anew."
        )
    large: list[tuple[int, ...]] = []

    def collect(chunk: Any) -> None:
        if chunk.size > _LARGE_CHUNK:
            large.append(chunk.chunk_offset)

    with reading(place, "a data set"):
        dataset.id.chunk_iter(collect)
    # Before other filters the bytes in the file are not gzip's.
    is_outer = set(filters[filters.index(_GZIP) + 1 :]) <= _PLAIN_SIZE
    for offset in large:
        with reading(place, "a data set"):
            mask, packed = dataset.id.read_direct_chunk(offset)
            is_gzip = is_outer and not mask & 1 << filters.index(_GZIP)
            is_true = not is_gzip or _unpacks_to(packed, chunk_bytes)
        if not is_true:
            raise ValueError(
                f"{place}: expected chunks that unpack to {chunk_bytes:,} bytes. The "
                f"one at {offset} unpacks to more; the file is damaged."
            )


def _unpacks_to(packed: bytes, most: int) -> bool:
    """Return whether gzip's bytes unpack to so many at most; none are kept."""
    unpacker, total = zlib.decompressobj(), 0
    while packed and not unpacker.eof and total <= most:
        total += len(unpacker.decompress(packed, _STEP))
        packed = unpacker.unconsumed_tail
    return total <= most


def check_heaps(path: str, place: str) -> None:
    """Raise where HDF5 would never end on damage of a heap, which holds strings.

    It walks a heap's entries by their sizes; free space, number 0, of no size is
    an endless loop in its library.
    """
    with Path(path).open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            return
        seen: set[int] = set()  # what one heap's walk passed, no other walks again
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            start = content.find(_HEAP)
            while start >= 0:
                size = int.from_bytes(content[start + 8 : start + 16], "little")
                end = min(start + size, len(content))
                entry = start + _HEAP_HEADER
                while entry + _HEAP_HEADER <= end and entry not in seen:
                    seen.add(entry)
                    number = int.from_bytes(content[entry : entry + 2], "little")
                    held = int.from_bytes(content[entry + 8 : entry + 16], "little")
                    if number == 0 and held == 0:
                        raise ValueError(
                            f"{place}: expected text. The file is damaged at byte "
                            f"{entry:,}. Is it complete?"
                        )
                    padded = -(-held // 8) * 8
                    entry += padded + _HEAP_HEADER if number else held
                start = content.find(_HEAP, start + len(_HEAP))
