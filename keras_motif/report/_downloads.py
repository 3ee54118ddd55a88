"""The files that the page carries, each as a link that holds it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from keras_motif.matching import write_matches, write_support
from keras_motif.motifs import Motif, write_meme
from keras_motif.report._packing import packed
from keras_motif.report._tables import PROFILES, FilterTables

__all__ = ["downloads"]


def downloads(
    motifs: list[Motif], tables: FilterTables, name: str, alphabet: str
) -> list[tuple[str, str, str]]:
    """Return the files that the page carries: what, the file's name, its link.

    The links hold the files compressed; the page's script saves them as they were.
    """
    suffix = "-" + re.sub(r"[^\w.-]+", "-", name) if name else ""
    meme = _data_link(lambda file: write_meme(motifs, file, alphabet=alphabet))
    files = [("Motifs (MEME)", f"motifs{suffix}.meme", meme)]
    if tables.matches is not None:
        matches = tables.matches
        link = _data_link(lambda file: write_matches(matches, file))
        files.append(("Matches (TSV)", f"matches{suffix}.tsv", link))
        if (support := tables.support) is not None:
            link = _data_link(lambda file: write_support(matches, support, file))
            files.append(("Support (TSV)", f"support{suffix}.tsv", link))
    for what, (label, _, _) in PROFILES.items():
        table = getattr(tables, what)
        if table is not None and len(table):
            text = table.to_csv(sep="\t", index=False, lineterminator="\n")
            link = _link_to(text.encode())
            files.append((f"{label} (TSV)", f"{what}{suffix}.tsv", link))
    return files


def _data_link(write: Callable[[Path], None]) -> str:
    """Return a file as a `data:` link, written by the function that writes files."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "file"
        write(file)
        return _link_to(file.read_bytes())


def _link_to(content: bytes) -> str:
    return f"data:application/gzip;base64,{packed(content)}"
