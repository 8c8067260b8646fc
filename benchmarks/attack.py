"""Attack what a stranger can reach, and print what was tried and what held.

    python benchmarks/attack.py [serve] [package] [ledger] [tables] [notebooks] [kills]

Each part is a file in `attacks/` with a function `attack()`, which gives (what was tried, whether it held, what was seen).
Without a name all parts run. The exit code is 1 if something did not hold.
"""

import argparse
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

# Files beside this one are called as modules of Python are.
sys.path.pop(0)

FOLDER = Path(__file__).parent / "attacks"


def attack(part: str) -> Iterator[tuple[str, bool, str]]:
    """Run one part."""
    spec = importlib.util.spec_from_file_location(f"attack_{part}", FOLDER / f"{part}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield from module.attack()


def main() -> int:
    parts = sorted(path.stem for path in FOLDER.glob("*.py"))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(parts))
    chosen = parser.parse_args().parts or parts
    if unknown := set(chosen) - set(parts):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
    tried = failed = 0
    for part in chosen:
        print(f"== {part}")
        for what, held, seen in attack(part):
            tried, failed = tried + 1, failed + (not held)
            print(f"{'held  ' if held else 'FAILED'} {what:60} {seen}", flush=True)
    print(f"\n{tried} tried, {tried - failed} held, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
