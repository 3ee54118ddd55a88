"""What a file is that was taken for another: told from its first bytes."""

from __future__ import annotations

import re

__all__ = ["HEAD_BYTES", "binary_kind", "check_text", "text_kind"]

HEAD_BYTES = 512  # that tell a kind

_SIGNATURES = (
    (b"PK\x03\x04", "a zip archive (.npz, .keras and .xlsx files are such, too)"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    (b"\x93NUMPY", "an array of NumPy (.npy)"),
    (b"\x1f\x8b", "a file compressed by gzip"),
    (b"BZh", "a file compressed by bzip2"),
    (b"\xfd7zXZ\x00", "a file compressed by xz"),
    (b"\x28\xb5\x2f\xfd", "a file compressed by Zstandard"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"BAM\x01", "a BAM file"),
    (b"CRAM", "a CRAM file"),
    (b"BCF", "a BCF file"),
    (b"TBI\x01", "an index of tabix"),
    (b"\x1a\x41\x27\x43", "a 2bit file"),
    (b"\x43\x27\x41\x1a", "a 2bit file"),
    (b"\x26\xfc\x8f\x88", "a bigWig file"),
    (b"\x88\x8f\xfc\x26", "a bigWig file"),
    (b"\xeb\xf2\x89\x87", "a bigBed file"),
    (b"\x87\x89\xf2\xeb", "a bigBed file"),
    (b"MATLAB", "a MATLAB file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"RDX", "data of R"),
    (b"NCBI.sra", "an SRA file"),
    (b"%PDF", "a PDF file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\xd0\xcf\x11\xe0", "a document of Microsoft Office"),
    (b"\x7fELF", "a program"),
    (b"\xff\xfe", "text in UTF-16 (save it as UTF-8)"),
    (b"\xfe\xff", "text in UTF-16 (save it as UTF-8)"),
)
_PICKLE = re.compile(rb"\x80[\x02-\x05]")
_TAR = slice(257, 262)
# Kinds of text, by their first line that isn't blank.
_TEXTS = (
    (re.compile(rb"@(HD|SQ|RG|PG|CO)\t"), "a SAM file"),
    (re.compile(rb"@\S"), "a FASTQ file"),
    (re.compile(rb"##fileformat=VCF"), "a VCF file"),
    (re.compile(rb"##gff-version"), "a GFF file"),
    (re.compile(rb"LOCUS\s"), "a GenBank file"),
    (re.compile(rb"ID   \S+;"), "an EMBL file"),
    (re.compile(rb"CLUSTAL"), "an alignment of Clustal"),
    (re.compile(rb"MEME version|\*{20}"), "a file of motifs (MEME)"),
    (re.compile(rb"<\?xml"), "an XML file"),
    (re.compile(rb"(?i)<(!doctype )?html"), "a web page (HTML)"),
    (re.compile(rb"version https://git-lfs"), "a pointer of Git LFS, not the file"),
    (re.compile(rb"[^\s>]+\t[0-9]+\t[0-9]+(\s|$)"), "a BED file"),
    (re.compile(rb"track\s|browser\s"), "a track of a genome browser"),
    (re.compile(rb"[\[{]\s*[\"\[{]"), "a JSON file"),
    (re.compile(rb"[ACGTNacgtn]{5,}\s"), "sequences without names"),
)


def binary_kind(head: bytes) -> str | None:
    """Return what a file of other than text is, with its article; None if unknown."""
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if head[_TAR] == b"ustar":
        return "a tar archive"
    return "a pickle of Python, which is never read" if _PICKLE.match(head) else None


def text_kind(head: bytes) -> str | None:
    """Return what kind of text a file begins as, with its article; None if unknown."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    return next((kind for pattern, kind in _TEXTS if pattern.match(text)), None)


def check_text(head: bytes, path: str, expected: str) -> None:
    """Raise where a file's first bytes are those of another kind than text.

    Args:
        head: The first `HEAD_BYTES` bytes, unpacked.
        path: The file's name, for the message.
        expected: What the reader reads, with its article.

    Raises:
        ValueError: The bytes are a binary file's; names its kind where it is known.
    """
    kind = binary_kind(head)
    if kind is None and 20 * sum(byte < 9 for byte in head) > len(head):
        kind = "a binary file"
    if kind is not None:
        raise ValueError(
            f"{path}: expected {expected}, a text file. Received {kind}. Unpack or "
            "convert it first, or pass another file."
        )
