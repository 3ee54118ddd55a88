"""Check the built documentation: nothing is loaded from elsewhere.

    python scripts/check_site.py site

`mkdocs build --strict` has checked links between pages. This looks at the HTML and CSS
as they were built: every script, style, image and font that they load lies in the site.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What a browser fetches by itself; links that a reader may follow are not among it.
LOADS = {
    "audio": ("src",),
    "embed": ("src",),
    "iframe": ("src",),
    "img": ("src", "srcset"),
    "link": ("href",),
    "script": ("src",),
    "source": ("src", "srcset"),
    "video": ("src", "poster"),
}
NOT_LOADED = {"canonical", "next", "prev", "alternate"}
CSS_URL = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)")


class Page(HTMLParser):
    """The addresses that a page loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect what one tag loads."""
        values = dict(attrs)
        if tag == "link" and set(str(values.get("rel")).split()) & NOT_LOADED:
            return
        for name in LOADS.get(tag, ()):
            if values.get(name):
                self.loads.append(str(values[name]).split()[0])


def problems(site: Path) -> Iterator[str]:
    """Yield what is wrong with a site, a line each."""
    for path in sorted(site.rglob("*.html")):
        for address in Page(path.read_text()).loads:
            yield from wrong(path, address, site)
    for path in sorted(site.rglob("*.css")):
        for match in CSS_URL.finditer(path.read_text()):
            address = match[1] or match[2]
            if not address.startswith("#"):
                yield from wrong(path, address, site)


def wrong(path: Path, address: str, site: Path) -> Iterator[str]:
    """Yield what is wrong with one address that a file loads."""
    parts = urlsplit(address)
    name = path.relative_to(site)
    if parts.scheme == "data":
        return
    if parts.scheme or parts.netloc:
        yield f"{name} loads {address}"
        return
    base = site if parts.path.startswith("/") else path.parent
    if parts.path and not (base / unquote(parts.path).lstrip("/")).is_file():
        yield f"{name} loads {address}, which is missing"


def main() -> None:
    """Print what is wrong and leave with 1, or with 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("site", type=Path)
    site = parser.parse_args().site
    if not (site / "index.html").is_file():
        sys.exit(f"{site} holds no index.html: build it with `make docs`.")
    found = list(problems(site))
    print(*found, sep="\n", end="\n" if found else "")
    pages = len(list(site.rglob("*.html")))
    print(f"{site}: {pages} pages, {len(found)} problems")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
