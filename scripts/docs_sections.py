"""An extension of griffe, which reads the docstrings for the API pages.

Our `Example:` is the section that griffe calls `Examples:`. Behind our `Returns:`
stands a sentence, in which griffe would take all before a colon for the type.
"""

import re
from typing import Any

import griffe


class Sections(griffe.Extension):
    """Rewrite the sections of every docstring before it is parsed."""

    def on_instance(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Rename the examples of one object, and name what it returns."""
        if obj.docstring is None:
            return
        text = re.sub(
            r"^( *)Example:$", r"\1Examples:", obj.docstring.value, flags=re.M
        )
        if isinstance(obj, griffe.Function) and obj.returns is not None:
            text = re.sub(
                r"^( *Returns:\n +)(?=\S)",
                lambda found: f"{found[1]}{obj.returns}: ",
                text,
                flags=re.M,
            )
        obj.docstring.value = text
