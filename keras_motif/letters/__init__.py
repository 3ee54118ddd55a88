"""Stacks of letters: where a logo's letters stand, and how they are drawn as SVG."""
