"""Stacks of letters: where a logo's letters stand, and how they are drawn as SVG."""

from keras_motif.letters.glyphs import svg_glyphs, svg_stacks
from keras_motif.letters.pictures import (
    PlacedLogo,
    svg_card,
    svg_image,
    svg_picture,
)
from keras_motif.letters.stacks import (
    AXIS_LABELS,
    AXIS_TOPS,
    COLOR_SCHEMES,
    LETTER_WIDTH,
    ColorScheme,
    Kind,
    LogoLetters,
    information,
    letter_outlines,
    letter_stacks,
    stack_heights,
)

__all__ = [
    "AXIS_LABELS",
    "AXIS_TOPS",
    "COLOR_SCHEMES",
    "LETTER_WIDTH",
    "ColorScheme",
    "Kind",
    "LogoLetters",
    "PlacedLogo",
    "information",
    "letter_outlines",
    "letter_stacks",
    "stack_heights",
    "svg_card",
    "svg_glyphs",
    "svg_image",
    "svg_picture",
    "svg_stacks",
]
