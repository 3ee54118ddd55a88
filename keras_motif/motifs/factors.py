"""The factors that a database says a motif is of."""

from __future__ import annotations

import re

__all__ = ["factor_names", "factor_of"]

# HOCOMOCO's ids begin with the factor: AHR.H12CORE.0.P.B, AHR_HUMAN.H11MO.0.B.
_HOCOMOCO = re.compile(r"(\w+?)(?:_HUMAN|_MOUSE)?\.H[0-9]+[A-Z]+\.[0-9]\S*")


def factor_of(name: str, alt_name: str) -> str:
    """Return a motif's factor as its database calls it; empty where it says none.

    Args:
        name: The motif's id.
        alt_name: Its alternate name. JASPAR's MEME files put the id before the factor
            there (MA0004.1.Arnt).

    Example:
        >>> factor_of("MA0004.1", "MA0004.1.Arnt"), factor_of("AHR.H13CORE.0.P.B", "")
        ('Arnt', 'AHR')
    """
    factor = alt_name.removeprefix(f"{name}.")
    if factor in ("", name):
        found = _HOCOMOCO.fullmatch(name)
        return found[1] if found else ""
    return factor


def factor_names(factor: str) -> set[str]:
    """Return the names, in capitals, that a factor goes by.

    A complex goes by its own name and by each of its factors', one of several variants
    by the name without the variant.

    Example:
        >>> sorted(factor_names("Max::Myc")), sorted(factor_names("Jun(var.2)"))
        (['MAX', 'MAX::MYC', 'MYC'], ['JUN', 'JUN(VAR.2)'])
    """
    whole = factor.upper()
    parts = {part.split("(")[0].strip() for part in whole.split("::")}
    return {whole, *parts} - {""}
