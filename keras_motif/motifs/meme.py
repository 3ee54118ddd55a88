"""MEME motif files, read and written without loss."""

from __future__ import annotations

import gzip
import os
import re
import warnings
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np

from keras_motif._files import whole_file
from keras_motif.motifs.motif import Motif
from keras_motif.sequences import ALPHABET

__all__ = ["MemeFile", "read_meme", "write_meme"]

Background = tuple[float, float, float, float]

_RNA = "ACGU"
_SUM_LIMIT = 0.1  # backgrounds further from 1 are refused, like a motif's rows
_MATRIX_KEYS = frozenset({"alength", "w", "nsites", "E", "P", "S", "n", "bayes"})

_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_NUMBERS = re.compile(rf"{_NUMBER}(?:\s+{_NUMBER})*")
_LOOKS_LIKE_ROW = re.compile(r"[+-]?\.?[0-9]")
_PAIR = re.compile(r"([A-Za-z]+)\s*=\s*([^\s=]+)(?=\s|$)")
_MATRIX = re.compile(r"(letter-probability|log-odds)\s+matrix\s*:(.*)")
_VERSION = re.compile(r"MEME\s+version\s+([0-9]+)(?![0-9])")
_BACKGROUND = re.compile(r"Background\s+letter\s+frequencies\s*(?:\(.*\))?\s*:?(.*)")
_CUSTOM_ALPHABET = re.compile(r'ALPHABET\s+("[^"]*"|[^\s=]+)(?:\s+[A-Z]+-LIKE)?')
# One letter, perhaps its name in quotes, perhaps its colour.
_SYMBOL = r'([^\s"])(?:\s+"(?:[^"\\]|\\.)*")?(?:\s+[0-9A-Fa-f]{6})?'
_CORE = re.compile(rf"{_SYMBOL}(?:\s*~\s*{_SYMBOL})?")
_AMBIGUOUS = re.compile(rf"{_SYMBOL}\s*=\s*\S+")
# A program's whole output has a banner between lines of asterisks.
_BANNER = re.compile(r"\*{20,}")
_SKIPPED = re.compile(r"#|URL(?:\s|$)|Time\s+[0-9.]+\s+sec")
_SITE_SUMMARY = re.compile(r"\s+width\s*=\s*[0-9]+\s+sites\s*=.*")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class MemeFile:
    """What a MEME file holds.

    Args:
        motifs: The motifs, in the file's order, each name once.
        background: Frequencies of A C G T as the file gives them; None where it
            has no background line (Tomtom then takes uniform).
        alphabet: "ACGT", or "ACGU" for RNA. The motifs' columns are in this order.
        strands: "+ -" or "+": the strands that the motifs were made from. "+ -"
            where the file doesn't say.
    """

    motifs: list[Motif]
    background: Background | None = None
    alphabet: str = ALPHABET
    strands: str = "+ -"


def read_meme(path: str | os.PathLike[str]) -> MemeFile:
    """Read the motifs of a MEME file.

    Versions 4 and 5, minimal text as the MEME Suite, JASPAR and others write it,
    plain or gzip, and the text that `meme`, `streme` and `dreme` print. Every
    MOTIF line gives a motif, a warning (its name came before) or an error.
    Comments (`#`), URL lines and log-odds matrices are skipped; so is the prose
    between a program's banners of asterisks, in such files alone.

    A motif's `name` is the first word after MOTIF and its `alt_name` the rest,
    blanks in it reduced to one; `num_sites` is `nsites`, None where missing.
    E-values are not kept. In RNA motifs U stands in the place of T.

    Source: the MEME Suite's description of its motif format.

    Args:
        path: The file, UTF-8 text, also compressed by gzip whatever its name.

    Returns:
        Motifs, background, alphabet and strands.

    Raises:
        ValueError: A line that cannot be used, a motif without a
            letter-probability matrix, a protein or other alphabet, no motif at
            all, or bytes that are not text. Holds the file's name, the line and
            what was expected.
        OSError: The file is missing or cannot be opened.

    Warns:
        UserWarning: A motif's name came before; the first motif stays.
    """
    reader = _Reader(os.fspath(path), _lines(Path(path)))
    content = reader.read()
    for number, name in reader.repeated:
        warnings.warn(
            f"{reader.path}, line {number}: the motif {name!r} came before in this "
            "file. The first one stays, this one is left out. Give each motif a "
            "name of its own to keep both.",
            UserWarning,
            stacklevel=2,
        )
    return content


def write_meme(
    motifs: Iterable[Motif],
    path: str | os.PathLike[str],
    *,
    background: Sequence[float] | np.ndarray | None = None,
) -> None:
    """Write motifs as a minimal MEME file, version 4.

    Frequencies have at least six decimals, as MEME's own, and as many more as it
    takes to read the same float64 back. So `read_meme` returns equal motifs, any
    program of the MEME Suite computes on the same numbers as this library, and a
    file of six decimals stays one. There is no exponent, which not every reader
    takes. `num_sites=None` leaves `nsites=` out.

    The file is written whole or not at all.

    Args:
        motifs: The motifs, at least one, each name once.
        path: The file; its folder must exist. A name that ends in ".gz" is
            compressed.
        background: Frequencies of A C G T. None writes uniform frequencies, since
            some programs of the MEME Suite assume others where the line is missing.

    Raises:
        ValueError: No motif; a name that is empty, repeated or holds whitespace;
            an alternate name with line breaks, tabs or blanks other than single
            ones between words; a background that is not four numbers in [0, 1]
            with sum 1.
        TypeError: An element is not a `Motif`.
        OSError: The folder does not exist or cannot be written.

    Example:
        >>> import tempfile
        >>> motif = Motif([[1, 0, 0, 0], [0, 0, 0.5, 0.5]], "AG", num_sites=8)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_meme([motif], folder + "/motifs.meme")
        ...     read_meme(folder + "/motifs.meme").motifs == [motif]
        True
    """
    listed = _checked_motifs(motifs)
    frequencies = _checked_background((0.25,) * 4 if background is None else background)
    pairs = zip(ALPHABET, frequencies, strict=True)
    header = [
        "MEME version 4",
        f"ALPHABET= {ALPHABET}",
        "strands: + -",
        "Background letter frequencies\n"
        + " ".join(f"{base} {_decimal(value)}" for base, value in pairs),
    ]
    text = "\n\n".join([*header, *(_block(motif) for motif in listed)]) + "\n"
    data = text.encode()
    if Path(path).suffix == ".gz":
        data = gzip.compress(data, mtime=0)
    with whole_file(path) as temporary:
        temporary.write_bytes(data)


def _block(motif: Motif) -> str:
    """Return a motif's lines: MOTIF, the matrix's header, its rows."""
    sites = ""
    if motif.num_sites is not None:
        sites = f" nsites= {_decimal(motif.num_sites, 0)}"
    lines = [
        f"MOTIF {motif.name} {motif.alt_name}".rstrip(),
        f"letter-probability matrix: alength= 4 w= {motif.width}{sites} E= 0",
    ]
    for row in motif.frequencies.tolist():
        lines.append("  " + "  ".join(_decimal(value) for value in row))
    return "\n".join(lines)


def _decimal(value: float, min_digits: int = 6) -> str:
    """Return the shortest decimal that reads back the same, without exponent."""
    text = np.format_float_positional(
        np.float64(value), unique=True, min_digits=min_digits
    )
    return text if min_digits else text.rstrip(".")


def _checked_motifs(motifs: Iterable[Motif]) -> list[Motif]:
    if isinstance(motifs, Motif):
        raise TypeError(
            "`motifs` must be a list of motifs. Received one motif; pass `[motif]`."
        )
    listed = list(motifs)
    if not listed:
        raise ValueError(
            "`motifs` must hold at least one motif. Received none; a MEME file "
            "without a motif is not valid."
        )
    seen: set[str] = set()
    for index, motif in enumerate(listed):
        if not isinstance(motif, Motif):
            raise TypeError(
                "`motifs` must hold `keras_motif.Motif` objects. Received "
                f"{type(motif).__name__} at index {index}."
            )
        _check_names(motif, index)
        if motif.name in seen:
            raise ValueError(
                "`motifs` must have a different `name` each. Received "
                f"{motif.name!r} again at index {index}."
            )
        seen.add(motif.name)
    return listed


def _check_names(motif: Motif, index: int) -> None:
    if motif.name.split() != [motif.name] or _CONTROL.search(motif.name):
        raise ValueError(
            "The `name` of a motif in a MEME file must be one word: not empty, no "
            f"whitespace or control characters. Received {motif.name!r} at index "
            f"{index}. Put the rest in `alt_name`, or replace blanks by '_'."
        )
    alt_name = motif.alt_name
    if " ".join(alt_name.split()) != alt_name or _CONTROL.search(alt_name):
        raise ValueError(
            "The `alt_name` of a motif in a MEME file must be words with single "
            "blanks between them: no line breaks, tabs or control characters. "
            f"Received {alt_name!r} at index {index}."
        )


def _checked_background(background: object) -> Background:
    """Return four frequencies as floats, or raise what is wrong with them."""
    array = np.asarray(background, dtype=np.float64)
    if array.shape != (4,):
        raise ValueError(
            "A background must hold four frequencies, of A C G T. Received "
            f"{background!r}."
        )
    inside = bool(((array >= 0) & (array <= 1)).all())
    if not inside or abs(array.sum() - 1) > _SUM_LIMIT:
        raise ValueError(
            "A background's four frequencies must lie in [0, 1] and sum to 1 within "
            f"{_SUM_LIMIT}. Received {array.tolist()}."
        )
    a, c, g, t = (array + 0.0).tolist()  # adding 0 turns -0.0 into 0.0
    return a, c, g, t


def _lines(path: Path) -> list[str]:
    """Return the lines of a text file, plain or gzip, without their ends."""
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(
                f"{path}: expected a whole gzip file. Received one that is cut short "
                f"or damaged ({error}). Fetch or compress it again."
            ) from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = len(re.split(rb"\r\n|\n|\r", data[: error.start]))
        raise ValueError(
            f"{path}, line {number}: expected text in UTF-8. Received the byte "
            f"0x{data[error.start]:02x}. Is this a text file of motifs? If so, save "
            "it as UTF-8."
        ) from error
    # Not str.splitlines, which also breaks at characters that a name may hold.
    return re.split("\r\n|\n|\r", text)


class _Reader:
    """Reads the lines of one file, once, from first to last."""

    def __init__(self, path: str, lines: list[str]) -> None:
        self.path = path
        self.repeated: list[tuple[int, str]] = []
        self._lines = [line.strip() for line in lines]
        self._check_characters(lines)
        # Whole outputs of a program hold prose; elsewhere every line must count.
        self._has_prose = any(_BANNER.match(line) for line in self._lines)
        self._next = 0  # index of the next line to read
        self._header: dict[str, tuple[object, int]] = {}
        self._motifs: dict[str, Motif] = {}
        # The motif whose matrix is awaited: line, name, alternate name.
        self._open: tuple[int, str, str] | None = None
        self._has_scores = False

    def read(self) -> MemeFile:
        """Read all lines."""
        while (line := self._advance()) is not None:
            self._read_line(line)
        self._close_motif()
        if not self._motifs:
            raise ValueError(
                f"{self.path}: expected at least one MOTIF line with a "
                f"letter-probability matrix. Received {len(self._lines)} lines "
                "without one."
            )
        background = self._header.get("background", (None, 0))[0]
        return MemeFile(
            list(self._motifs.values()),
            None if background is None else _checked_background(background),
            str(self._header.get("alphabet", (ALPHABET, 0))[0]),
            str(self._header.get("strands", ("+ -", 0))[0]),
        )

    def _check_characters(self, lines: list[str]) -> None:
        for number, line in enumerate(lines, start=1):
            if found := _CONTROL.search(line):
                raise ValueError(
                    f"{self.path}, line {number}: expected text. Received the control "
                    f"character {found[0]!r}. Is this a text file of motifs?"
                )

    def _fail(self, message: str, number: int | None = None) -> NoReturn:
        """Raise with the file and a line, by default the one read last."""
        raise ValueError(f"{self.path}, line {number or self._next}: {message}")

    def _advance(self) -> str | None:
        """Return the next line that is neither blank nor a comment, if any."""
        while self._next < len(self._lines):
            line = self._lines[self._next]
            self._next += 1
            if line and not line.startswith("#"):
                return line
        return None

    def _set(self, key: str, value: object) -> None:
        """Keep a value of the header; in joined files it may come again."""
        before, number = self._header.setdefault(key, (value, self._next))
        if before != value:
            self._fail(
                f"expected the {key} of line {number}, {before!r}, again. Received "
                f"{value!r}. Split joined files that differ in their headers."
            )

    def _read_line(self, line: str) -> None:
        word = line.split()[0]
        if found := _VERSION.match(line):
            self._set("version", self._version(found[1]))
        elif _SKIPPED.match(line):
            return
        elif "version" not in self._header:
            if not self._has_prose or word == "MOTIF":
                self._unusable(line)
        elif word == "MOTIF":
            self._read_motif(line)
        elif found := _MATRIX.fullmatch(line):
            self._read_matrix(found[1], found[2])
        elif found := _BACKGROUND.fullmatch(line):
            self._read_background(found[1])
        elif line.startswith("ALPHABET"):
            self._set("alphabet", self._alphabet(line))
        elif line.startswith("strands:"):
            self._read_strands(line.removeprefix("strands:"))
        elif not self._has_prose:
            self._unusable(line)

    def _unusable(self, line: str) -> NoReturn:
        shown = line if len(line) <= 60 else line[:60] + "..."
        if "version" not in self._header:
            hint = (
                " XML and HTML cannot be read; use the text" if line[0] == "<" else ""
            )
            self._fail(
                "expected 'MEME version 4' (or 5) before anything else. Received "
                f"{shown!r}.{hint or ' Is this a MEME file?'}"
            )
        if _LOOKS_LIKE_ROW.match(line):
            self._fail(
                "expected rows of numbers only under a matrix's header, which stands "
                f"under a MOTIF line. Received {shown!r}."
            )
        self._fail(
            "expected MOTIF, letter-probability matrix:, log-odds matrix:, URL, "
            "ALPHABET, strands:, Background letter frequencies, or a comment (#). "
            f"Received {shown!r}."
        )

    def _version(self, version: str) -> str:
        if version not in ("4", "5"):
            self._fail(
                f"expected MEME version 4 or 5. Received version {version}. Convert "
                "the file with the MEME Suite's `meme2meme`."
            )
        # Versions 4 and 5 mean the same here, so joined files may mix them.
        return "4 or 5"

    def _read_motif(self, line: str) -> None:
        self._close_motif()
        words = line.split()
        if self._has_prose:
            words = _SITE_SUMMARY.sub("", line).split()
        if len(words) < 2:
            self._fail("expected a name after MOTIF. Received none.")
        self._open = self._next, words[1], " ".join(words[2:])
        self._has_scores = False

    def _close_motif(self) -> None:
        """Raise when the motif read last got no letter-probability matrix."""
        if self._open is None:
            return
        number, name, _ = self._open
        if self._has_scores:
            self._fail(
                f"expected a letter-probability matrix under MOTIF {name}. Received "
                "a log-odds matrix alone, from which frequencies cannot be had. "
                "Write the file again with letter-probability matrices.",
                number,
            )
        self._fail(
            f"expected a letter-probability matrix under MOTIF {name}. Received none "
            "before the next motif or the end of the file.",
            number,
        )

    def _read_matrix(self, kind: str, options: str) -> None:
        number = self._next
        if self._open is None:
            self._fail(
                f"expected a MOTIF line before the {kind} matrix, and one such matrix "
                "for each. Received a matrix that belongs to no motif."
            )
        values = self._matrix_options(options)
        first = self._next
        rows, numbers = self._rows()
        if "w" in values and len(rows) != values["w"]:
            self._fail(
                f"expected {values['w']:g} rows (w=) in the matrix of line {number}. "
                f"Received {len(rows)}.",
                numbers[-1] if numbers else first,
            )
        if not rows:
            self._fail(
                "expected rows under the matrix's header. Received none.", number
            )
        if kind == "log-odds":
            self._has_scores = True
            return
        self._keep_motif(rows, numbers, values.get("nsites"))

    def _keep_motif(
        self, rows: list[list[float]], numbers: list[int], num_sites: float | None
    ) -> None:
        if self._open is None:  # pragma: no cover - _read_matrix has checked it
            return
        number, name, alt_name = self._open
        self._open = None
        for row, row_number in zip(rows, numbers, strict=True):
            if not (
                min(row) >= 0 and max(row) <= 1 and abs(sum(row) - 1) <= _SUM_LIMIT
            ):
                self._fail(
                    "expected four frequencies in [0, 1] whose sum is 1 within "
                    f"{_SUM_LIMIT}. Received {row}, sum {sum(row):g}. Divide counts "
                    "by their row's sum.",
                    row_number,
                )
        try:
            motif = Motif(np.array(rows), name, alt_name=alt_name, num_sites=num_sites)
        except ValueError as error:
            self._fail(f"expected a motif. {error}", number)
        if name in self._motifs:
            self.repeated.append((number, name))
        else:
            self._motifs[name] = motif

    def _matrix_options(self, options: str) -> dict[str, float]:
        """Return the numbers behind a matrix's header: alength, w, nsites, ..."""
        pairs = _PAIR.findall(options)
        keys = [key for key, _ in pairs]
        rest = _PAIR.sub("", options).strip()
        known = _MATRIX_KEYS.issuperset(keys) and len(set(keys)) == len(keys)
        if rest or not known or not all(_NUMBERS.fullmatch(text) for _, text in pairs):
            self._fail(
                "expected 'alength= 4 w= 11 nsites= 20 E= 0' after the matrix's name: "
                f"numbers, each key once, of {', '.join(sorted(_MATRIX_KEYS))}. "
                f"Received {options.strip()!r}."
            )
        values = {key: float(text) for key, text in pairs}
        if values.get("alength", 4) != 4:
            self._fail(
                f"expected alength= 4, DNA or RNA. Received {values['alength']:g}. "
                "Protein motifs cannot be used."
            )
        if self._has_prose and "w" not in values:
            # Only the width tells a damaged row from the prose behind a matrix.
            self._fail("expected w= in a matrix among a program's prose.")
        sites = values.get("nsites")
        if sites is not None and not 0 <= sites < np.inf:
            self._fail(f"expected nsites= 0 or more, finite. Received {sites}.")
        return values

    def _rows(self) -> tuple[list[list[float]], list[int]]:
        """Return the rows of four numbers that follow, and their line numbers."""
        rows: list[list[float]] = []
        numbers: list[int] = []
        while (line := self._advance()) is not None:
            if not _LOOKS_LIKE_ROW.match(line):
                self._next -= 1
                break
            if not _NUMBERS.fullmatch(line) or len(line.split()) != 4:
                hint = ""
                if len(line.split()) == 20:
                    hint = " Protein motifs cannot be used."
                self._fail(
                    f"expected four numbers, of A C G T. Received {line[:60]!r}.{hint}"
                )
            rows.append([float(text) for text in line.split()])
            numbers.append(self._next)
        return rows, numbers

    def _read_background(self, first: str) -> None:
        """Read the frequencies: letters and numbers, in any order, over any lines."""
        found: dict[str, float] = {}
        line: str | None = first
        while line is not None:
            words = line.split()
            letters = [word.upper().replace("U", "T") for word in words[::2]]
            numbers = words[1::2]
            legal = len(letters) == len(numbers) == len(set(letters) - set(found))
            if (
                not legal
                or not set(letters) <= set(ALPHABET)
                or not all(_NUMBERS.fullmatch(text) for text in numbers)
            ):
                self._fail(
                    "expected background frequencies like 'A 0.25 C 0.25 G 0.25 "
                    f"T 0.25', each letter once. Received {line[:60]!r}."
                )
            found.update(zip(letters, map(float, numbers), strict=True))
            if len(found) == 4:
                break
            line = self._advance()
        if len(found) < 4:
            self._fail(
                "expected background frequencies of A C G and T. Received the end of "
                f"the file after {len(found)} of them."
            )
        try:
            background = _checked_background([found[base] for base in ALPHABET])
        except ValueError as error:
            self._fail(f"expected background frequencies. {error}")
        self._set("background", background)

    def _read_strands(self, text: str) -> None:
        signs = "".join(text.split())
        if signs not in ("+", "+-", "-+"):
            self._fail(
                "expected 'strands: + -' or 'strands: +'. Received "
                f"{text.strip()!r}. Protein motifs, which have none, cannot be used."
            )
        self._set("strands", "+" if signs == "+" else "+ -")

    def _alphabet(self, line: str) -> str:
        listed = re.fullmatch(r"ALPHABET\s*=(.*)", line)
        if listed:
            return self._known_alphabet("".join(listed[1].split()).upper())
        if not _CUSTOM_ALPHABET.fullmatch(line):
            self._fail(
                "expected 'ALPHABET= ACGT', or 'ALPHABET \"DNA\"' with its letters in "
                f"the lines below, up to END ALPHABET. Received {line[:60]!r}."
            )
        return self._custom_alphabet()

    def _custom_alphabet(self) -> str:
        """Read the lines up to END ALPHABET; core letters need not be in order."""
        core: set[str] = set()
        pairs: set[str] = set()
        while (line := self._advance()) is not None:
            if line.split() == ["END", "ALPHABET"]:
                break
            if found := _CORE.fullmatch(line):
                core.update(letter for letter in found.groups() if letter)
                if found[2]:
                    pairs.add("".join(sorted(found.groups())))
            elif not _AMBIGUOUS.fullmatch(line):
                self._fail(
                    'expected a letter of the alphabet, like \'A "Adenine" CC0000 ~ T '
                    "\"Thymine\" 0000CC' or 'N = ACGT', or END ALPHABET. Received "
                    f"{line[:60]!r}."
                )
        else:
            self._fail("expected END ALPHABET. Received the end of the file.")
        alphabet = self._known_alphabet("".join(sorted(core)))
        if alphabet == ALPHABET and not pairs <= {"AT", "CG"}:
            self._fail(
                "expected the complements A ~ T and C ~ G. Received "
                f"{', '.join(sorted(pairs))}."
            )
        return alphabet

    def _known_alphabet(self, letters: str) -> str:
        if letters in (ALPHABET, _RNA):
            return letters
        self._fail(
            f"expected the alphabet ACGT or ACGU. Received {letters!r}. "
            "Protein and other alphabets cannot be used: filters over one-hot DNA "
            "have four rows."
        )
