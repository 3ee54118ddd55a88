"""Content that the page carries compressed, until its script unpacks it."""

from __future__ import annotations

import base64
import gzip

__all__ = ["packed"]


def packed(content: bytes) -> str:
    """Return content compressed by gzip, in base64; the same content the same way."""
    return base64.b64encode(gzip.compress(content, mtime=0)).decode("ascii")
