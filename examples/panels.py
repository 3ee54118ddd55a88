"""Grids of logos joined to one picture, for scripts that redraw figures."""

import io

import matplotlib.pyplot as plt
from PIL import Image, ImageDraw, ImageFont

import keras_motif as km

_DPI = 75
_CAPTION = 44
_MARGIN = 24


def logo_panel(motifs, *, database=None, num_cols=6):
    """Return a grid of logos as an image, titled with their best matches."""
    matches = None if database is None else km.motif_match(motifs, database)
    figure = km.plot_logos(motifs, matches, num_cols, targets=database, axis="none")
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=_DPI)
    plt.close("all")
    return Image.open(buffer).convert("RGB")


def join_panels(rows, path):
    """Write captioned panels, a list of rows of (caption, image), as one PNG."""
    font = ImageFont.load_default(size=20)
    widths = [sum(image.width for _, image in row) for row in rows]
    width = max(widths) + _MARGIN * (1 + max(len(row) for row in rows))
    heights = [max(image.height for _, image in row) + _CAPTION for row in rows]
    page = Image.new("RGB", (width, sum(heights) + _MARGIN), "white")
    draw = ImageDraw.Draw(page)
    top = _MARGIN // 2
    for row, height in zip(rows, heights, strict=True):
        left = _MARGIN
        for caption, image in row:
            draw.text((left, top + 8), caption, fill="black", font=font)
            page.paste(image, (left, top + _CAPTION))
            left += image.width + _MARGIN
        top += height
    # Few colours are on the page, so a palette makes a small file.
    page.quantize(64).save(path, optimize=True)
