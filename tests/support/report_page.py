"""What a page of the report holds, as the tests read it."""

import base64
import gzip
import json
import re
from html.parser import HTMLParser


def unpacked(source):
    """The page with all that it carries compressed in its place, as its script does."""
    head, _, rest = source.partition('<template id="pack">')
    text, _, tail = rest.partition("</template>")
    pack = json.loads(gzip.decompress(base64.b64decode(text)))
    page = head + tail
    for number, rows in pack["rows"].items():
        page = put(page, f'data-run="{number}"', "".join(rows), "</table>")
    for key, details in pack["details"].items():
        page = put(page, f'data-details="{key}"', details, "</tbody>")
    page = put(page, '<tbody id="film">', "".join(pack["film"]), "</tbody>")
    return put(page, "<defs>", "".join(pack["definitions"].values()), "</defs>")


def put(page, mark, text, before):
    """The page with a text before the first `before` that follows the mark."""
    head, mark, tail = page.partition(mark)
    return head + mark + tail.replace(before, text + before, 1)


class Page(HTMLParser):
    """What a page loads, links to, says and labels."""

    def __init__(self, path):
        super().__init__()
        self.source = unpacked(path.read_text(encoding="utf-8"))
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
            self.links[attrs["data-name"]] = attrs["href"]
        elif tag == "a":
            self.anchors.append(attrs["href"])
        elif "href" in attrs or "src" in attrs or tag in ("link", "iframe", "img"):
            self.loads.append(tag)

    def download(self, name):
        packed = base64.b64decode(self.links[name].partition("base64,")[2])
        return gzip.decompress(packed)


def rows_of(page):
    return re.findall(
        r"<tbody role=.*?(?=<tbody role=|</table>\s*<nav)",
        page.source,
        re.S,
    )


def text_of(html):
    text = re.sub(r"<[^>]*>", " ", html.replace("<wbr>", ""))
    text = " ".join(text.replace("&nbsp;", " ").split())
    return re.sub(r"(?<=\() | (?=[,)])", "", text)
