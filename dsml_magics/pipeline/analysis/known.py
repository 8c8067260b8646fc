"""What is known of a notebook as a whole before its statements are looked at."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Known:
    """Names of a notebook, by what they stand for.

    `bound` are all it binds, those of a script's helpers included; it `has_stars` where it imports ``*``.
    `modules` gives the module or function a name was imported as, where it is
    only that; `functions` are the names of its functions and classes, `methods` the classes that have a
    method of some name. `steady` are names that never hold an iterator, `plain` functions whose results
    hold no function, `tables` names that hold nothing but tables.
    """

    bound: Collection[str] = frozenset()
    modules: Mapping[str, str] = field(default_factory=dict)
    functions: frozenset[str] = frozenset()
    methods: Mapping[str, frozenset[str]] = field(default_factory=dict)
    steady: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    has_stars: bool = False
