"""A receptive field that the user gives."""

from __future__ import annotations

from typing import TypeAlias

__all__ = ["FieldLike", "checked_field"]

FieldLike: TypeAlias = "tuple[int, int] | tuple[int, int, int] | None"


def checked_field(field: FieldLike) -> tuple[int, int, int] | None:
    """Return start, size and stride.

    Raises:
        ValueError: Something else than two or three whole numbers.
    """
    if field is None:
        return None
    values = tuple(field) if isinstance(field, tuple | list) else ()
    is_whole = all(isinstance(x, int) and not isinstance(x, bool) for x in values)
    if len(values) not in (2, 3) or not is_whole or values[1] < 1 or values[-1] == 0:
        raise ValueError(
            "`receptive_field` must be (start, size) or (start, size, stride), whole "
            "numbers of bases: the first base that position 0 sees, how many it sees, "
            f"and from one position to the next. Received {field!r}."
        )
    start, size = values[:2]
    return start, size, values[2] if len(values) == 3 else 1
