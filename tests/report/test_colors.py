import re

import numpy as np
import pytest

from keras_motif.report.page import write_report
from support.report_page import Page


def colors_of(source):
    """The page's named colours, light and dark."""
    style = re.search(r"<style>(.*?)</style>", source, re.S)[1]
    light, dark = style.split("@media (prefers-color-scheme: dark)", 1)
    schemes = []
    for part in (light, dark.split("* {", 1)[0]):
        root = part.split(":root {", 1)[1].split("}", 1)[0]
        schemes.append(dict(re.findall(r"--([\w-]+):\s*(#\w{6})", root)))
    return schemes


def contrast(one, other):
    """WCAG 2.2's contrast ratio of two colours, from 1 to 21."""

    def luminance(color):
        channels = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(
            channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
        )
        return linear @ [0.2126, 0.7152, 0.0722]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("scheme", [0, 1])
def test_text_and_bars_have_the_contrast_of_wcag_aa(path, motifs, scheme):
    write_report(path, motifs)
    colors = colors_of(Page(path).source)[scheme]
    for text in ("ink", "muted", "accent"):
        for ground in ("page", "raised"):
            assert contrast(colors[text], colors[ground]) >= 4.5
    for shape in ("bar", "bars"):
        for ground in ("page", "raised"):
            assert contrast(colors[shape], colors[ground]) >= 3
    assert contrast(colors["bar"], colors["line"]) >= 3
