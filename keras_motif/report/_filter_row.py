"""One filter, as the page shows it: its motif, matches, sites, classes, duplicates."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = [
    "ClassShare",
    "Duplicate",
    "ExampleSite",
    "FilterRow",
    "Hit",
    "Positions",
    "Target",
]

_JASPAR_ID = re.compile(r"(MA|UN)\d{4}\.\d+")
_JASPAR_PAGE = "https://jaspar.elixir.no/matrix/{}/"


@dataclass(frozen=True)
class Hit:
    """One match of a filter, as the page shows it."""

    target_id: str
    label: str
    worth: str  # "convincing", "weak" or "not judged"
    supporting_bits: float  # NaN where it wasn't judged
    family: str  # of the factor; empty where it isn't known
    p_value: float
    e_value: float
    q_value: float
    overlap: int
    offset: int
    orientation: str
    picture: str | None

    @property
    def link(self) -> str:
        """The target's page in JASPAR, where its id is one of JASPAR's."""
        known = _JASPAR_ID.fullmatch(self.target_id)
        return _JASPAR_PAGE.format(self.target_id) if known else ""


@dataclass(frozen=True)
class Positions:
    """Where along the sequences a filter's sites lie."""

    total: int
    median: float  # the middle of the bin that holds the median site
    length: int
    picture: str


@dataclass(frozen=True)
class ClassShare:
    """How often a filter fires on a class and on the other sequences."""

    name: str
    positives: int
    negatives: int
    positive_share: float  # percent; NaN without positives
    negative_share: float
    odds_ratio: float
    p_value: float
    q_value: float


@dataclass(frozen=True)
class Target:
    """How a measured value goes with a filter's activity."""

    name: str
    num_sequences: int
    correlation: float  # of ranks, -1 to 1; NaN where one side is constant
    p_value: float
    q_value: float


@dataclass(frozen=True)
class ExampleSite:
    """One of the sites at which a filter fires most."""

    sequence: str
    start: int
    end: int
    strand: str
    activation: float


@dataclass(frozen=True)
class Duplicate:
    """Another filter with the same motif."""

    name: str
    index: int  # its row, from 1
    e_value: float
    orientation: str


@dataclass(frozen=True)
class FilterRow:
    """One filter, as the page shows it."""

    index: int  # from 1
    name: str
    alt_name: str
    state: str  # "named", "weak", "not judged", "unmatched" or "dead"
    num_sites: float | None
    information: float
    width: int
    consensus: str
    picture: str
    hits: list[Hit]  # convincing ones first
    num_hits: int
    named_family: str  # to which the filter is named; empty where to none
    members: list[str]  # of it, that match as well as the best
    positions: Positions | None
    classes: list[ClassShare]
    num_classes: int
    served: list[ClassShare]
    targets: list[Target]
    num_targets: int
    followed: list[Target]
    duplicates: list[Duplicate]
    sites: list[ExampleSite]  # those of the largest activations

    @property
    def best(self) -> Hit | None:
        """The best convincing match, else the best."""
        return self.hits[0] if self.hits else None

    @property
    def states(self) -> str:
        """What the page can filter rows by, between blanks."""
        state = self.state.replace(" ", "-")
        return f"{state} duplicate" if self.duplicates else state

    @property
    def factor(self) -> str:
        """The name under which the page groups the filter; empty without one."""
        return self.hits[0].label if self.state == "named" else ""

    @property
    def family(self) -> str:
        """The family of the factor that it is named after, where it is known."""
        return self.hits[0].family if self.state == "named" else ""

    @property
    def search_text(self) -> str:
        """What the page's search looks at, in lower case."""
        words = [self.name, self.alt_name, self.consensus]
        words += [f"{hit.label} {hit.family}" for hit in self.hits]
        words += [share.name for share in self.served]
        return " ".join(words + [value.name for value in self.followed]).lower()
