"""The page's templates and how they write numbers and names."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from keras_motif.report._film import Film
from keras_motif.report._packing import packed
from keras_motif.report.sections import RunSection

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["rendered_page"]

_DASH = "\N{EN DASH}"  # where there is no number
_PLAIN = 24  # rows of a run that viewers without scripts see
_PAGE = 200  # rows that are shown at once


def rendered_page(
    sections: list[RunSection],
    definitions: Mapping[str, str],
    film: Film | None,
    **values: object,
) -> str:
    """Return the page as HTML.

    The details of all filters, the rows behind the first 24 of a run and the film are
    in it compressed, and so are the logos that only they show; its script unpacks them.

    Args:
        sections: The runs.
        definitions: Dict of id -> the SVG that logos refer to.
        film: How the filters became motifs.
        **values: What else the templates name; text is escaped there.
    """
    environment = _environment()
    row_of = environment.get_template("report_row.html.j2").render
    details_of = environment.get_template("report_details.html.j2").render
    rows: dict[int, list[str]] = {}
    details: dict[str, str] = {}
    for section in sections:
        shared = {**values, "section": section, "verdict": section.verdict}
        rows[section.number] = [row_of(row=row, **shared) for row in section.rows]
        details |= {
            f"{section.number}-{row.index}": details_of(row=row, **shared)
            for row in section.rows
        }
    first = {number: "".join(texts[:_PLAIN]) for number, texts in rows.items()}
    shown = set(re.findall(r'href="#(motif-\d+)"', "".join(first.values())))
    film_of = environment.get_template("report_film.html.j2").render
    pack = {
        "rows": {number: texts[_PLAIN:] for number, texts in rows.items()},
        "details": details,
        "film": [] if film is None else [film_of(row=row) for row in film.rows],
        "definitions": {
            key: svg for key, svg in definitions.items() if key not in shown
        },
    }
    return environment.get_template("report.html.j2").render(
        sections=sections,
        rows=first,
        film=film,
        page_size=_PAGE,
        definitions=[svg for key, svg in definitions.items() if key in shown],
        pack=packed(json.dumps(pack).encode()),
        **values,
    )


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup, escape

    environment = Environment(
        loader=PackageLoader("keras_motif.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["bits"] = _bits
    # Heterodimers may break between their factors.
    environment.filters["breakable"] = lambda name: escape(name).replace(
        "::", Markup("::<wbr>")
    )
    environment.filters["family"] = _family
    environment.filters["figures"] = _figures
    environment.filters["percent"] = _percent
    return environment


def _family(name: str) -> str:
    """Return "Ets-related family" of "Ets-related factors", its name in 2016."""
    return f"{name.removesuffix(' factors')} family"


def _figures(value: float) -> str:
    """Return two figures, and no fewer than the whole number; a dash for NaN."""
    if math.isnan(value):
        return _DASH
    return f"{value:,.0f}" if 99.5 <= value < 1e6 else f"{value:.2g}"


def _bits(value: float) -> str:
    """Return a number of bits, which may be negative; a dash for NaN."""
    return (
        _DASH
        if math.isnan(value)
        else f"{value:.1f} bits".replace("-", "\N{MINUS SIGN}")
    )


def _percent(value: float) -> str:
    return _DASH if math.isnan(value) else f"{value:.1f} %"
