"""The rows as a whole: repeated ones, and ones in the order of time."""

from collections.abc import Iterator

from dsml_magics.profile.figures import Figures, Insight
from dsml_magics.profile.insight.evidence import share, within
from dsml_magics.profile.insight.mend import NOT_AT_ALL, Mend
from dsml_magics.profile.settings import Settings
from dsml_magics.profile.threshold import limit

_FEWEST = 8
"""Of fewer moments, two in 8! tables are in order by chance."""


def duplicate_rows(figures: Figures, settings: Settings) -> Iterator[Insight]:
    """Rows that repeat another."""
    if figures.duplicate_rows > limit(settings, "duplicate_rows") * figures.rows:
        evidence = {
            "duplicates": figures.duplicate_rows,
            "rows": figures.rows,
            "share": share(figures.duplicate_rows, figures.rows),
            **within(figures.duplicate_bound, of=figures.rows),
        }
        # Neither library compares lists and structs of every nesting.
        nested = any(column.kind in ("nested", "other") for column in figures.columns.values())
        mend = Mend("df = df.drop_duplicates()", "df = df.unique(maintain_order=True)")
        yield Insight("duplicate_rows", None, "medium", evidence, *(NOT_AT_ALL if nested else mend))


def sorted_by_time(figures: Figures, _settings: Settings) -> Iterator[Insight]:
    """Rows in the order of a moment: split at random, a model is tested on the past of what it learned."""
    for column in figures.columns.values():
        if column.kind not in ("datetime", "date") or not column.time or not column.time.monotonic:
            continue
        if column.distinct >= _FEWEST:
            ends = (str(column.min), str(column.max))
            yield Insight("sorted_by_time", column.name, "low", {"min": ends[0], "max": ends[1]})
            return
