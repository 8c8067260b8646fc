"""Values as text of bounded length, whatever they are."""

import reprlib

_LONGEST = 6000
_MANY = 1000

_short = reprlib.Repr()
_short.maxstring = _short.maxother = 200


def written(value: object) -> str:
    """Write a value as Python shows it; long containers are cut before they are written.

    Examples
    --------
    >>> written("a"), written([1, 2]), written(0.5)
    ('a', '[1, 2]', '0.5')
    """
    if type(value) is str:
        return value[:_LONGEST]
    try:
        if isinstance(value, list | tuple | dict | set | frozenset) and len(value) > _MANY:
            return _short.repr(value)
        return repr(value)[:_LONGEST]
    except Exception:  # noqa: BLE001  a foreign object's __repr__ may raise anything
        return f"<{type(value).__name__}>"
