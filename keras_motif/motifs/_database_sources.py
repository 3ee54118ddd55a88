"""What motif databases offer for download: files, folders and archives of them."""

from __future__ import annotations

import csv
import io
import lzma
import re
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple

from keras_motif._checks import listed
from keras_motif.motifs import binary_files
from keras_motif.motifs.factors import factor_of
from keras_motif.motifs.formats import read_motifs
from keras_motif.motifs.jaspar import FactorFamily
from keras_motif.motifs.meme import MemeFile
from keras_motif.motifs.motif import Motif

__all__ = ["Source", "read_source"]

_ENDINGS = (
    *(".meme", ".jaspar", ".transfac", ".tf", ".dat", ".motif", ".motifs", ".homer"),
    *(".pfm", ".pcm", ".ppm", ".pwm", ".mat", ".txt"),
)
# CIS-BP's tables of factors, and the folders of their matrices.
_TABLE = re.compile(r"(?:TF|RBP)_Information.*\.txt", re.IGNORECASE)
_MATRICES = re.compile(r"pwms.*", re.IGNORECASE)
_PROSE = re.compile(r"(?:readme|licen[cs]e|copying|changelog).*", re.IGNORECASE)
# What libraries raise on damaged archives, and on ones that are locked.
_DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    csv.Error,
    EOFError,
    RuntimeError,
)
_MOST_BYTES = 2**29  # that all motif files of an archive may hold, unpacked
_MEMBER_BYTES = 2**26  # and one of them


class Source(NamedTuple):
    """What a download holds.

    Attributes:
        content: The motifs, each with its factor as alternate name where that is told.
        families: Dict of id -> class and family of the factor, where they are told.
        empty: Names of files without a matrix, which CIS-BP has in the place of
            TRANSFAC's.
    """

    content: MemeFile
    families: dict[str, FactorFamily]
    empty: list[str]


class _Member(NamedTuple):
    """A file of an archive or a folder, by its path in there."""

    path: PurePosixPath
    size: int
    open: Callable[[], BinaryIO]


def read_source(path: Path) -> Source:
    """Read the motifs of a file, a folder or an archive (zip, tar).

    Raises:
        ValueError: No motifs, files that cannot be read as such, two motifs of one
            name, DNA beside RNA, or a damaged archive.
        OSError: It is missing or cannot be opened.
    """
    if path.is_dir():
        return _of_members(str(path), list(_members_of_folder(path)))
    path.open("rb").close()  # raises what Python raises
    if zipfile.is_zipfile(path):
        with _explained(path), zipfile.ZipFile(path) as archive:
            return _of_members(str(path), list(_members_of_zip(archive)))
    if tarfile.is_tarfile(path):
        with _explained(path), tarfile.open(path) as archive:
            return _of_members(str(path), list(_members_of_tar(archive)))
    content = read_motifs(path)
    return Source(_named(content, {}), {}, [])


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Say what is wrong with an archive that cannot be unpacked."""
    try:
        yield
    except _DAMAGE as error:
        raise ValueError(
            f"{path}: expected a whole archive. It cannot be unpacked "
            f"({binary_files.one_line(str(error))}). Fetch it again, or unpack it and "
            "give the folder."
        ) from error


def _members_of_folder(folder: Path) -> Iterator[_Member]:
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            place = PurePosixPath(file.relative_to(folder).as_posix())

            def opened(file: Path = file) -> BinaryIO:
                return file.open("rb")

            yield _Member(place, file.stat().st_size, opened)


def _members_of_zip(archive: zipfile.ZipFile) -> Iterator[_Member]:
    for info in archive.infolist():
        if not info.is_dir():

            def opened(info: zipfile.ZipInfo = info) -> BinaryIO:
                return archive.open(info)  # type: ignore[return-value]

            yield _Member(PurePosixPath(info.filename), info.file_size, opened)


def _members_of_tar(archive: tarfile.TarFile) -> Iterator[_Member]:
    for info in archive.getmembers():
        if info.isfile():

            def opened(info: tarfile.TarInfo = info) -> BinaryIO:
                return archive.extractfile(info)  # type: ignore[return-value]

            yield _Member(PurePosixPath(info.name), info.size, opened)


def _of_members(place: str, members: list[_Member]) -> Source:
    members = [
        member
        for member in members
        if not any(part.startswith((".", "__")) for part in member.path.parts)
    ]
    tables = [member for member in members if _TABLE.fullmatch(member.path.name)]
    chosen = _matrix_files(members, tables)
    if sum(member.size for member in chosen) > _MOST_BYTES:
        raise ValueError(
            f"{place}: expected files of motifs of at most {_MOST_BYTES // 2**20} MiB "
            "in all. Received more. Unpack it and give the folder of one collection."
        )
    found: dict[str, tuple[Motif, PurePosixPath]] = {}
    alphabets: dict[str, PurePosixPath] = {}
    empty: list[str] = []
    for member, content in _contents(place, chosen):
        if content is None:
            empty.append(member.path.stem)
            continue
        alphabets.setdefault(content.alphabet, member.path)
        for motif in content.motifs:
            if motif.name in found:
                raise ValueError(
                    f"{place}: expected one motif of each name. Received "
                    f"{motif.name!r} in {found[motif.name][1]} and in {member.path}. "
                    "Unpack it and give the file or folder of one collection."
                )
            found[motif.name] = motif, member.path
    if not found:
        names = [member.path for member in members]
        raise ValueError(
            f"{place}: expected files of motifs, under names that end in "
            f"{', '.join(_ENDINGS)}. Received {listed(names) or 'no file'}."
        )
    if len(alphabets) > 1:
        raise ValueError(
            f"{place}: expected all of DNA or all of RNA. Received both, in "
            f"{' and '.join(map(str, alphabets.values()))}. Give each by itself."
        )
    told = _told_by_tables(tables, set(found))
    content = MemeFile([motif for motif, _ in found.values()], None, *alphabets)
    families = {key: FactorFamily("", family) for key, (_, family) in told.items()}
    return Source(
        _named(content, {key: factor for key, (factor, _) in told.items()}),
        {key: family for key, family in families.items() if family.tf_family},
        empty,
    )


def _matrix_files(members: list[_Member], tables: list[_Member]) -> list[_Member]:
    """Return the members that hold motifs; beside a table those in its folders."""
    if tables:
        folders = [m for m in members if _MATRICES.fullmatch(m.path.parent.name)]
        if folders:
            return folders
    return [
        member
        for member in members
        if member.path.suffix.lower() in _ENDINGS
        and member not in tables
        and not _PROSE.fullmatch(member.path.name)
    ]


def _contents(
    place: str, members: Iterable[_Member]
) -> Iterator[tuple[_Member, MemeFile | None]]:
    """Yield what each file holds; None where it has no matrix."""
    with tempfile.TemporaryDirectory(prefix="keras-motif-") as folder:
        for member in members:
            with member.open() as file:
                data = file.read(_MEMBER_BYTES + 1)
            if len([line for line in data[:4096].splitlines() if line.strip()]) < 2:
                yield member, None
                continue
            copy = Path(folder, member.path.name)
            copy.write_bytes(data)
            try:
                content = read_motifs(copy)
            except ValueError as error:
                message = str(error).replace(str(copy), f"{place}: {member.path}")
                raise ValueError(message) from error
            copy.unlink()
            yield member, content


def _told_by_tables(
    tables: list[_Member], wanted: set[str]
) -> dict[str, tuple[str, str]]:
    """Return factor and family of motifs, of CIS-BP's tables.

    The factor whose motif was measured comes before those that it is inferred for.
    """
    direct: dict[str, tuple[str, str]] = {}
    inferred: dict[str, tuple[str, str]] = {}
    for table in sorted(tables, key=lambda member: len(member.path.name)):
        with table.open() as binary:
            text = io.TextIOWrapper(binary, encoding="utf-8", errors="replace")
            rows = csv.DictReader(text, delimiter="\t", quoting=csv.QUOTE_NONE)
            for row in rows:
                key = row.get("Motif_ID") or ""
                factor = row.get("TF_Name") or row.get("RBP_Name") or ""
                if key not in wanted or not factor:
                    continue
                status = row.get("TF_Status") or row.get("RBP_Status")
                known = direct if status == "D" else inferred
                family = " ".join((row.get("Family_Name") or "").split())
                known.setdefault(key, (" ".join(factor.split()), family))
    return inferred | direct


def _named(content: MemeFile, factors: dict[str, str]) -> MemeFile:
    """Put factors as alternate names where a motif has none of its own."""
    motifs = []
    for motif in content.motifs:
        factor = factors.get(motif.name) or factor_of(motif.name, motif.alt_name)
        motifs.append(
            Motif(
                motif.frequencies,
                motif.name,
                alt_name=factor or motif.alt_name,
                num_sites=motif.num_sites,
            )
        )
    return MemeFile(motifs, content.background, content.alphabet, content.strands)
