"""Import lines in the order that formatters give them."""

import ast
import sys
from collections.abc import Iterable


def sorted_imports(lines: Iterable[str]) -> str:
    """Sort import lines: Python's own first, then the others; ``import a`` before ``from a import b``.

    Examples
    --------
    >>> print(sorted_imports(["from b import d", "import numpy as np", "import json", "from b import c"]))
    import json
    <BLANKLINE>
    import numpy as np
    from b import c, d
    """
    plain: set[tuple[str, str]] = set()
    members: dict[str, set[str]] = {}
    for line in lines:
        node = ast.parse(line).body[0]
        if isinstance(node, ast.Import):
            plain |= {(alias.name, _said(alias)) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            members.setdefault(node.module, set()).update(map(_said, node.names))
    blocks = (_block(plain, members, own=own) for own in (True, False))
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _block(plain: set[tuple[str, str]], members: dict[str, set[str]], *, own: bool) -> list[str]:
    modules = [f"import {said}" for name, said in sorted(plain, key=_rank) if _is_own(name) is own]
    parts = [
        f"from {module} import {', '.join(sorted(names, key=_member_rank))}"
        for module, names in sorted(members.items(), key=lambda item: item[0].lower())
        if _is_own(module) is own
    ]
    return modules + parts


def _said(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name


def _rank(item: tuple[str, str]) -> str:
    return item[0].lower()


def _member_rank(name: str) -> tuple[int, str]:
    # Constants, classes, the rest: isort's order.
    return (0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2, name.lower())


def _is_own(module: str) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names
