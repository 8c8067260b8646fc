"""Run a script as ``python script.py`` would, then write down its globals."""

import sys
from pathlib import Path

from dsml_magics.pipeline.proof.seeding import seed_process
from dsml_magics.pipeline.proof.witness import write

COMMAND = "from dsml_magics.pipeline.proof.bootstrap import main; main()"
"""What a fresh process runs, with the words DUMP ROOT LEFT SCRIPT; LEFT are names of no interest, with commas."""

_KEPT = frozenset(("__builtins__", "__name__", "__loader__", "__package__", "__spec__"))


def main() -> None:
    """Give the script the main module, as if nothing had run before it."""
    dump, root, left, script, *arguments = sys.argv[1:]
    names = sys.modules["__main__"].__dict__
    for name in set(names) - _KEPT:
        del names[name]
    names.update(__file__=script, __doc__=None, __cached__=None)
    sys.argv = [script, *arguments]
    sys.path[0] = str(Path(script).parent)
    code = compile(Path(script).read_bytes(), script, "exec", dont_inherit=True)
    seed_process()
    try:
        exec(code, names)  # noqa: S102  the script that is to be proved
    except SystemExit as end:
        if end.code not in (None, 0):
            raise
    write(dump, root, names, left.split(","))
