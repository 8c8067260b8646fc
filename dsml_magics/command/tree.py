"""Read Python source in threads."""

import ast
from threading import Lock

_TRIES = 10
_lock = Lock()


def tree_of(source: str) -> ast.Module:
    """Return the syntax tree of a module's source.

    Python before 3.12 counts the depth of the tree for all threads together: if one gives way to another in between,
    the count is wrong and a sound source is refused (python/cpython#106905). Ours take turns; for those of others, it
    is tried again.

    Raises
    ------
    SyntaxError
        The source is none.

    Examples
    --------
    >>> len(tree_of("a = 1").body)
    1
    """
    for _ in range(_TRIES):
        try:
            with _lock:
                return ast.parse(source)
        except SystemError:
            continue
    return ast.parse(source)
