"""Seeds for the two sides of a proof: the same code draws the same numbers, so that draws are compared, too.

Seeded are ``random``, NumPy's global generator, which estimators with ``random_state=None`` draw from, and torch's. What
takes its seed from the system, such as ``np.random.default_rng()`` and ``random.Random()``, is given one that depends on
how many its caller has made before. ``PYTHONHASHSEED`` is set with the environment. Secrets and UUIDs stay random.
"""

import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import blake2b
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

SEED = 0
_made: Counter[str] = Counter()
_SKIPPED = frozenset((__name__, "random"))
_seed_as_given = random.Random.seed


def load_ipython_extension(shell: Any) -> None:
    """Seed the process of a kernel when its first cell begins: by then, the kernel may have drawn numbers itself."""

    def once() -> None:
        shell.events.unregister("pre_execute", once)
        seed_process()

    shell.events.register("pre_execute", once)


def seed_process() -> None:
    """Seed the generators that are loaded now, and those of libraries when they load."""
    random.Random.seed = _seed  # type: ignore[method-assign]
    # The module's functions are methods of one generator, bound when it was loaded.
    random.seed = random._inst.seed  # noqa: SLF001
    random.seed(SEED)
    for name in _LIBRARIES.keys() & sys.modules.keys():
        _LIBRARIES[name](sys.modules[name])
    sys.meta_path.insert(0, _Seeding())


class _Seeding(MetaPathFinder):
    """Lets the other finders find a library, and seeds it when it has loaded."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in _LIBRARIES:
            return None
        specs = (each.find_spec(name, path, target) for each in sys.meta_path if each is not self)
        spec = next(filter(None, specs), None)
        if spec is not None and spec.loader is not None:
            seeding = _seeding(spec.loader.exec_module, _LIBRARIES[name])
            spec.loader.exec_module = seeding  # type: ignore[method-assign, assignment]
        return spec


def _seeding(
    execute: Callable[[ModuleType], None], seed: Callable[[Any], None]
) -> Callable[[ModuleType], None]:
    def executed(module: ModuleType) -> None:
        execute(module)
        seed(module)

    return executed


def _seed(self: random.Random, a: Any = None, version: int = 2) -> None:
    """Seed a generator as `random.Random.seed` does, but never from the system."""
    _seed_as_given(self, _fresh_seed(128) if a is None else a, version)


def _fresh_seed(bits: int) -> int:
    """Make up a seed for whoever asks, by how often it has asked: the system would give any.

    The modules of a kernel and of a script ask in another order, so each is counted by itself.
    """
    frame = sys._getframe(1)  # noqa: SLF001
    while frame.f_back is not None and frame.f_globals.get("__name__") in _SKIPPED:
        frame = frame.f_back
    caller = str(frame.f_globals.get("__name__"))
    _made[caller] += 1
    digest = blake2b(f"{SEED} {caller} {_made[caller]}".encode(), digest_size=64).digest()
    return int.from_bytes(digest, "big") % (1 << bits)


def _seed_numpy(module: Any) -> None:
    module.bit_generator.randbits = _fresh_seed
    module.seed(SEED)


def _seed_torch(module: Any) -> None:
    module.manual_seed(SEED)


_LIBRARIES: dict[str, Callable[[Any], None]] = {"numpy.random": _seed_numpy, "torch": _seed_torch}
