"""Profile: what a table looks like, and what deserves a second look."""

from dsml_magics.command.arguments import Column, File, Frame
from dsml_magics.command.registry import command
from dsml_magics.profile.value import Profile


@command
def profile(
    data: Frame,
    /,
    *,
    target: Column | None = None,
    compare: Frame | None = None,
    html: File | None = None,
    json: File | None = None,
) -> Profile:
    """Summarise a table and point out what deserves a second look.

    Parameters
    ----------
    data
        The table: a frame, or the path or glob of Parquet, CSV, JSON lines or Arrow files.
    target
        Column to be predicted: each other column's association with it is measured.
    compare
        A second table, such as the test set: how far each column has moved from `data` is measured.
    html
        File to write the report to as one self-contained page without scripts.
    json
        File to write the figures to, in the schema ``dsml.profile/1``.

    Returns
    -------
    Profile
        The figures; it shows itself as text or HTML.

    Examples
    --------
    >>> import dsml_magics as dsml
    >>> ages = dsml.profile({"age": [31, 45, None, 22]})
    >>> ages.rows, ages.columns["age"].missing, ages.columns["age"].max
    (4, 1, 45)
    """
    from dsml_magics.profile.measure import measure
    from dsml_magics.profile.saving import save

    measured = measure(data, target=target, compare=compare)
    save(measured, html=html, json=json)
    return measured
