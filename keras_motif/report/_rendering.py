"""The page's template and how it writes numbers and names."""

from __future__ import annotations

import math

__all__ = ["rendered_page"]

_DASH = "\N{EN DASH}"  # where there is no number


def rendered_page(**values: object) -> str:
    """Return the page as HTML.

    Args:
        **values: What its template names, all of it; text is escaped there.
    """
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
    return environment.get_template("report.html.j2").render(**values)


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
