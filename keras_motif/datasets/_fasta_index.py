"""Where the records of a FASTA file lie: samtools' index (.fai), read or made."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from keras_motif._checks import quoted
from keras_motif._files import cache_folder, whole_file
from keras_motif.datasets._genome_bytes import PlainBytes
from keras_motif.datasets._lines import read_lines
from keras_motif.motifs import file_kinds

__all__ = ["FastaEntry", "load_index"]

_MARK = b"\xef\xbb\xbf"
_LONGEST_NAME = 4096  # bytes of a header that are looked at
_MOST_BYTES = 2**28  # of an index
_NUM_CHECKED = 64  # records of an index that was there


class FastaEntry(NamedTuple):
    """Where one record lies, as a line of a .fai file says."""

    length: int
    offset: int
    line_bases: int
    line_bytes: int


Index = dict[str, FastaEntry]


def load_index(path: str, content: PlainBytes) -> Index:
    """Return the index of a FASTA file, and keep it where there was none.

    It is looked for beside the file, then in the cache; one that is older than the
    file, or doesn't fit it, is made anew. It is written whole or not at all, so
    several processes may do so at once; where nothing can be written, it is only
    used.

    Raises:
        ValueError: A file that isn't FASTA, two records of one name, lines of
            different lengths within a record. Holds the file and the line.
        OSError: The file is missing or cannot be opened.
    """
    places = _places(path)
    for place in places:
        with suppress(OSError, ValueError):
            if place.stat().st_mtime_ns >= Path(path).stat().st_mtime_ns:
                index = _read(place)
                if _fits(index, content):
                    return index
    index = _build(path)
    for place in places:
        with suppress(OSError):
            place.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(place) as temporary:
                temporary.write_text(
                    "".join(
                        "\t".join(map(str, (name, *entry))) + "\n"
                        for name, entry in index.items()
                    )
                )
            break
    return index


def _places(path: str) -> list[Path]:
    places = [Path(f"{path}.fai")]
    with suppress(RuntimeError):
        stat = Path(path).stat()
        key = f"{Path(path).absolute()}\n{stat.st_size}\n{stat.st_mtime_ns}"
        digest = hashlib.sha256(key.encode()).hexdigest()[:32]
        places.append(cache_folder() / f"genome-{digest}.fai")
    return places


def _read(place: Path) -> Index:
    index: Index = {}
    if place.stat().st_size > _MOST_BYTES:
        raise ValueError("An index of more than a genome's records.")
    for line in place.read_text().splitlines():
        name, length, offset, line_bases, line_bytes = line.split("\t")
        index[name] = FastaEntry(
            int(length), int(offset), int(line_bases), int(line_bytes)
        )
    return index


def _fits(index: Index, content: PlainBytes) -> bool:
    """Tell whether records lie where an index says; some of them are looked at."""
    entries = list(index.items())
    if not entries:
        return False
    step = max(1, len(entries) // _NUM_CHECKED)
    for name, entry in [*entries[::step], entries[-1]]:
        start = max(0, entry.offset - _LONGEST_NAME)
        before = content.read(start, entry.offset - start)
        header = before.rstrip(b"\r\n")
        words = header[header.rfind(b"\n") + 1 :].removeprefix(_MARK).split(maxsplit=1)
        named = bool(words) and words[0] == b">" + name.encode()
        if entry.length < 0 or not named or (entry.length and before[-1:] != b"\n"):
            return False
        if entry.length and (
            entry.line_bases < 1 or entry.line_bytes < entry.line_bases
        ):
            return False
    name, last = max(entries, key=lambda item: item[1].offset)
    lines, rest = divmod(max(0, last.length - 1), last.line_bases or 1)
    end = last.offset + lines * last.line_bytes + rest
    behind = content.read(end, 2 + _LONGEST_NAME)
    return not last.length or (bool(behind) and not behind[1:].strip())


def _build(path: str) -> Index:
    index: Index = {}
    name, number, line = "", 0, b""
    place = len(_MARK) if PlainBytes(path).read(0, 3) == _MARK else 0
    length = offset = line_bases = line_bytes = 0
    is_last = False  # whether a line was shorter, or empty: the record's last
    for number, line in enumerate(read_lines(path), start=1):
        place += len(line)
        if line.startswith(b">"):
            if name:
                index[name] = FastaEntry(length, offset, line_bases, line_bytes)
            name = _name(path, number, line, index)
            length = line_bases = line_bytes = 0
            offset, is_last = place, False
            continue
        num = len(line.rstrip(b"\r\n"))
        if not num:
            is_last = True
            continue
        if not name:
            kind = file_kinds.text_kind(line)
            raise ValueError(
                f"{path}, line {number}: expected a FASTA header, '>' and a name. "
                f"Received {quoted(line[:60].decode('utf-8', 'replace').strip(), 40)}"
                f"{f', as in {kind}' if kind else ''}."
            )
        line_bases, line_bytes = line_bases or num, line_bytes or len(line)
        if is_last or num > line_bases:
            raise ValueError(
                f"{path}, line {number}: expected lines of one length within a record, "
                f"{line_bases} letters in {quoted(name)}, so that places can be found. "
                f"Received {num} letters{' behind a shorter line' * is_last}. Write "
                "the file anew, such as by `seqkit seq -w 60`."
            )
        is_last = num < line_bases or len(line) != line_bytes
        length += num
    if not name:
        raise ValueError(
            f"{path}: expected a genome in FASTA, '>' and a name followed by lines of "
            "sequence. The file holds none."
        )
    index[name] = FastaEntry(length, offset, line_bases, line_bytes)
    return index


def _name(path: str, number: int, line: bytes, index: Index) -> str:
    words = line[1:].decode("utf-8", "replace").split(maxsplit=1)
    if not words or words[0] in index:
        said = f"{quoted(words[0])} again" if words else "none"
        raise ValueError(
            f"{path}, line {number}: expected a name behind '>', each once. Received "
            f"{said}."
        )
    return words[0]
