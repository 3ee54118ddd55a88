"""What a page of the report holds, as the tests read it."""

import base64
import re
from html.parser import HTMLParser


class Page(HTMLParser):
    """What a page loads, links to, says and labels."""

    def __init__(self, path):
        super().__init__()
        self.source = path.read_text(encoding="utf-8")
        self.scripts = 0
        self.ids, self.loads, self.links, self.labels, self.uses = [], [], {}, [], []
        self.anchors = []
        self.feed(self.source)

    @property
    def visible(self):
        """The page's text between its tags, without style and script."""
        text = re.sub(r"<(style|script)\b.*?</\1>", " ", self.source, flags=re.S)
        text = text.replace("<wbr>", "")
        return " ".join(re.sub(r"<[^>]*>", " ", text).split())

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.scripts += tag == "script"
        self.labels += [attrs["aria-label"]] if "aria-label" in attrs else []
        self.ids += [attrs["id"]] if "id" in attrs else []
        if tag == "use":
            self.uses.append(attrs["href"].removeprefix("#"))
        elif tag == "a" and "download" in attrs:
            self.links[attrs["download"]] = attrs["href"]
        elif tag == "a":
            self.anchors.append(attrs["href"].removeprefix("#"))
        elif "href" in attrs or "src" in attrs or tag in ("link", "iframe", "img"):
            self.loads.append(tag)

    def download(self, name):
        return base64.b64decode(self.links[name].partition("base64,")[2])


def rows_of(page):
    return re.findall(
        r"<tbody role=.*?(?=<tbody role=|</table>\s*(?:<h2|</section))",
        page.source,
        re.S,
    )


def text_of(html):
    text = re.sub(r"<[^>]*>", " ", html.replace("<wbr>", ""))
    text = " ".join(text.replace("&nbsp;", " ").split())
    return re.sub(r"(?<=\() | (?=[,)])", "", text)
