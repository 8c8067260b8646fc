"""Profile: what a table looks like, and what deserves a second look."""

from typing import Literal

from dsml_magics.command.arguments import Column, File, Frame
from dsml_magics.command.registry import command
from dsml_magics.profile.value import Profile


@command
def profile(  # noqa: PLR0913  options
    data: Frame,
    /,
    *,
    target: Column | None = None,
    compare: Frame | None = None,
    encoding: str | None = None,
    groups: list[Column] | None = None,
    kinds: list[str] | None = None,
    thresholds: list[str] | None = None,
    silence: list[str] | None = None,
    lang: Literal["en", "ko"] = "en",
    html: File | None = None,
    json: File | None = None,
) -> Profile:
    """Summarise a table, answer the nine questions of a data exploration, and point out what deserves a second look.

    Up to a million cells every figure is exact; beyond, each figure knows its bound.

    Parameters
    ----------
    data
        The table: a frame, a Spark, Dask or Ray data set, or the path or glob of Parquet, CSV, JSON lines or Arrow
        files, of any size.
    target
        Column to be predicted: each other column's association with it is measured.
    compare
        A second table, such as the test set: how far each column has moved from `data` is measured, and whether by more
        than chance. At most one in 100 comparisons of tables that do not differ raises an alarm; ``false_alarms=0.05``
        among the thresholds allows more.
    encoding
        Encoding of CSV files, as ``cp949`` or ``latin-1``; by default UTF-8, or else the one that their bytes show.
    groups
        Columns that name groups of people, to be looked at for bias; else those whose names look like it.
    kinds
        Kinds of columns that were not inferred rightly, as ``zip=categorical,year=categorical``.
    thresholds
        Limits of insights, as ``skewed=3``.
    silence
        Codes of insights that are not wanted, as ``zeros``.
    lang
        Language of the report: English or Korean.
    html
        File to write the report to as one self-contained page without scripts.
    json
        File to write the figures to, in the schema ``dsml.profile/3``.

    Returns
    -------
    Profile
        The figures; it shows itself as text or HTML, and can be added to other profiles.

    Examples
    --------
    >>> import dsml_magics as dsml
    >>> dsml.profile(train, target="income")  # doctest: +SKIP
    >>> ages = dsml.profile({"age": [31, 45, None, 22]})
    >>> ages.rows, ages.columns["age"].missing, ages.columns["age"].max
    (4, 1, 45)
    """
    from dsml_magics.frames.encoded_path import with_encoding
    from dsml_magics.profile.measure import measure
    from dsml_magics.profile.saving import save
    from dsml_magics.profile.settings import settings_of

    settings = settings_of(target=target, groups=groups, kinds=kinds, thresholds=thresholds, silence=silence)
    data, compare = with_encoding(encoding, data, compare)
    measured = measure(data, settings=settings, compare=compare, language=lang)
    save(measured, html=html, json=json)
    return measured
