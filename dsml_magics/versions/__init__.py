"""Versions: which there are, which one is champion, and how that changes."""

from dsml_magics.command.arguments import Reference
from dsml_magics.command.registry import command
from dsml_magics.versions.listing import Models
from dsml_magics.versions.moved import Moved


@command
def models(name: Reference | None = None, /) -> Models:
    """List packaged models: versions, aliases, metrics, age and proof.

    Parameters
    ----------
    name
        The name of a package; all of them if left out.

    Returns
    -------
    Models
        A table with a row a version, and `.widget()`.
    """
    from dsml_magics.versions.listing import models_of

    return models_of(name)


@command
def promote(name: Reference, version: str, /, *, why: str | None = None) -> Moved:
    """Make a version of a package champion; who did it, when and why is written down.

    Parameters
    ----------
    name
        The name of the package.
    version
        Its number, or an alias such as ``challenger``.
    why
        The reason, in a few words.

    Returns
    -------
    Moved
        From which version to which.

    Examples
    --------
    >>> dsml.promote("income", "3")  # doctest: +SKIP
    """
    from dsml_magics.versions.moving import promoted

    return promoted(name, str(version), why=why)


@command
def rollback(name: Reference, /, *, to: str | None = None, why: str | None = None) -> Moved:
    """Make an earlier version champion again: at once, and by anyone; who and why is written down.

    Parameters
    ----------
    name
        The name of the package.
    to
        The version; what was champion before the present one if left out.
    why
        The reason, in a few words.

    Returns
    -------
    Moved
        From which version to which.

    Examples
    --------
    >>> dsml.rollback("income")  # doctest: +SKIP
    """
    from dsml_magics.versions.moving import rolled_back

    return rolled_back(name, to=None if to is None else str(to), why=why)
