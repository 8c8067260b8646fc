"""What is said of a step that failed: its source, and what it raised."""

from collections.abc import Mapping

from dsml_magics.errors import StepFailed
from dsml_magics.pipeline.sections import Script, Section
from dsml_magics.run.logs import Log

_MOST_LINES = 60


def failure(section: Section, script: Script, failed: Mapping[str, str], log: Log) -> StepFailed:
    """Make the error of a step that raised."""
    title = f" ({section.title})" if section.title and section.title != section.name else ""
    return StepFailed(
        f"Step {section.name!r}{title} of {script.path.name} failed: {failed['text'].splitlines()[-1]}\n\n"
        f"{_numbered(section)}\n\n{failed['traceback'] or failed['text']}\n\n"
        f"Its output: {log.out}\nSteps before it are kept: --resume goes on from here."
    )


def _numbered(section: Section) -> str:
    lines = section.source.rstrip().split("\n")
    shown = lines[:_MOST_LINES]
    more = [f"      ... {len(lines) - len(shown)} more lines"] if len(lines) > len(shown) else []
    return "\n".join(
        [f"{number:5} {line}".rstrip() for number, line in enumerate(shown, start=section.first_line)] + more
    )
