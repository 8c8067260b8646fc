"""What was written to do a run again, and what no longer matches."""

from dataclasses import dataclass


@dataclass(frozen=True, repr=False)
class Reproduction:
    """A notebook or script that repeats a run.

    Attributes
    ----------
    path
        The file that was written.
    mismatches
        What is no longer as it was, a sentence each; empty where nothing stands in the way.
    """

    path: str
    run: str
    mismatches: tuple[str, ...] = ()
    short_id: str = ""

    def __str__(self) -> str:
        lines = [f"{self.path} does run {self.short_id or self.run} again."]
        if self.mismatches:
            lines += ["No longer as it was:", *(f"  - {each}" for each in self.mismatches)]
        else:
            lines.append("Commit, packages and data that can be checked are as they were.")
        return "\n".join(lines)

    __repr__ = __str__
