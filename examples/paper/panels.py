"""Grids of logos joined to one picture, for scripts that redraw figures."""

import io

import matplotlib.pyplot as plt
from PIL import Image, ImageDraw, ImageFont
from protocol import base_ids

import keras_motif as km

NETWORKS = {"cnn_2": "CNN-2", "cnn_deep": "CNN-deep"}
RELEVANT, OTHER, NONE = "#0a8f4e", "#222222", "#a0a0a0"
_DPI = 75
_CAPTION = 44
_MARGIN = 24


def network_rows(folder, pattern, *, database, relevant, exclude=("MA0615",)):
    """Return a row of captioned panels per network: its filters with both activations.

    Reads the `filters.meme` of the folders that `pattern` names, such as
    "{model}_{activation}_1". Titles are the best relevant match, in green, or else the
    best match, or grey.
    """
    ids = {i for ids in relevant.values() for i in ids}
    rows = []
    for model, name in NETWORKS.items():
        row = []
        for activation in ("relu", "exponential"):
            network = folder / pattern.format(model=model, activation=activation)
            path = network / "filters.meme"
            if not path.exists():
                raise SystemExit(f"{path} is missing: train the networks first.")
            print(f"Drawing {path} ...", flush=True)
            motifs = km.read_meme(path).motifs
            matches = km.motif_match(motifs, database)
            matches = matches[~base_ids(matches).isin(exclude)]
            is_relevant = base_ids(matches).isin(ids)
            found = set(matches.loc[is_relevant, "Query_ID"])
            # A relevant match is shown, also where another one is better.
            matches = matches[is_relevant | ~matches["Query_ID"].isin(found)]
            matched = set(matches["Query_ID"])
            colors = [
                RELEVANT if m.name in found else OTHER if m.name in matched else NONE
                for m in motifs
            ]
            caption = f"{name}, {activation}: {len(found)} of {len(motifs)} relevant"
            panel = logo_panel(motifs, matches, database, colors)
            row.append((caption, panel))
        rows.append(row)
    return rows


def logo_panel(motifs, matches=None, database=None, colors=None, num_cols=6):
    """Return a grid of logos as an image, titled with their best matches.

    These are Tomtom's, as in the study.
    """
    figure = km.plot_logos(motifs, num_cols=num_cols, axis="none")
    titles = best_matches(motifs, matches, database)
    colors = colors or [OTHER] * len(motifs)
    for ax, title, color in zip(figure.axes, titles, colors, strict=True):
        ax.set_title(title, color=color, fontsize=10, pad=3)
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=_DPI)
    plt.close("all")
    return Image.open(buffer).convert("RGB")


def best_matches(motifs, matches, database):
    """Return each motif's name and, on a second line, its best match."""
    if matches is None:
        return [motif.name for motif in motifs]
    best = matches.drop_duplicates("Query_ID").set_index("Query_ID")["Target_ID"]
    factors = {m.name: m.alt_name for m in km.load_jaspar(database)}
    titles = []
    for motif in motifs:
        target = best.get(motif.name)
        match = f"{factors[target]} ({target})" if target else "no match"
        titles.append(f"{motif.name}\n{match}")
    return titles


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
    path.parent.mkdir(parents=True, exist_ok=True)
    # Few colours are on the page, so a palette makes a small file.
    page.quantize(64).save(path, optimize=True)
    print(f"Wrote {path}")
