"""The journal of a batch job: predictions of the parts that are done, so that a killed run goes on where it stopped."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from dsml_magics.errors import FileNotWritten
from dsml_magics.score.part import Part

_PARTIAL = ".part.npz"
"""A part that is being written."""


@dataclass(frozen=True)
class Journal:
    """A folder beside the result, with a file a part; None if the job cannot be recognised again."""

    folder: Path | None

    def read(self, number: int) -> Part | None:
        """Return a part that was scored before."""
        import numpy as np

        if self.folder is None:
            return None
        with (
            suppress(OSError, ValueError, KeyError),
            np.load(self._file(number), allow_pickle=False) as content,
        ):
            said = json.loads(str(content["said"]))
            reasons = {int(row): reason for row, reason in said["reasons"].items()}
            return Part(content["values"], reasons, said["warned"])
        return None

    def write(self, number: int, part: Part) -> None:
        """Keep a part; whole or not at all."""
        import numpy as np

        from dsml_magics.package.case import plain

        values = plain(part.values)
        if self.folder is None or values.dtype.kind == "O":
            return
        temporary = self.folder / _PARTIAL
        said = json.dumps({"reasons": part.reasons, "warned": part.warned})
        np.savez(temporary, values=values, said=np.array(said))
        temporary.replace(self._file(number))

    def _file(self, number: int) -> Path:
        return self.folder / f"{number:06}.npz"  # type: ignore[operator]


@contextmanager
def journal(out: Path, job: Mapping[str, Any] | None) -> Iterator[Journal]:
    """Open the journal of a job, anew if the one that lies there is another job's; it goes when the block ends well.

    Parameters
    ----------
    job
        What tells this job from others: package, data and options; None if nothing does.

    Raises
    ------
    FileNotWritten
        Another process is at the same job.
    """
    if job is None:
        yield Journal(None)
        return
    folder = out.with_name(f".{out.name}.progress")
    if not out.parent.is_dir():
        raise FileNotWritten(f"Expected a file to write, but {str(out)!r} has no folder to be in.")
    folder.mkdir(exist_ok=True)
    try:
        with FileLock(folder / ".lock", timeout=0):
            _begin(folder, job)
            yield Journal(folder)
            shutil.rmtree(folder, ignore_errors=True)
    except Timeout:
        raise FileNotWritten(
            f"Expected to be alone, but another process writes {str(out)!r}. Wait for it."
        ) from None
    except BaseException:
        with suppress(OSError):
            (folder / _PARTIAL).unlink()
        # Nothing was scored yet: nothing to go on from.
        if not any(folder.glob("*.npz")):
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _begin(folder: Path, job: Mapping[str, Any]) -> None:
    state = folder / "job.json"
    text = json.dumps(job, sort_keys=True)
    with suppress(OSError):
        if state.read_text(encoding="utf-8") == text:
            return
    for left in folder.glob("*.npz"):
        left.unlink()
    state.write_text(text, encoding="utf-8")
