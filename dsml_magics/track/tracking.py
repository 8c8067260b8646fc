"""A tracked block: a context manager that leaves an MLflow run behind."""

import os
import time
import traceback
from dataclasses import replace
from types import TracebackType
from typing import Self

from dsml_magics.command.block import Block


class Tracking:
    """The run of a block of code, from its beginning to its end.

    What the block raises is never swallowed: the run ends as FAILED, with the traceback.

    Attributes
    ----------
    id
        The MLflow run's id, once the block has begun.
    """

    def __init__(self, *, name: str, experiment: str | None, block: Block) -> None:
        self.name, self.experiment, self.block = name, experiment, block
        self.id: str | None = None

    def __enter__(self) -> Self:
        from dsml_magics.ledger.store import open_ledger
        from dsml_magics.track.capture import Before
        from dsml_magics.track.source import Source

        self._ledger = open_ledger()
        self._source = Source(self.block.source)
        self._before = Before.of(self._source, self.block.names())
        self.id = self._ledger.begin_run(self.name, experiment=self.experiment)
        self._begun = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        from dsml_magics.ledger.record import RunRecord
        from dsml_magics.ledger.secrets import masked
        from dsml_magics.track.capture import recorded

        seconds = time.perf_counter() - self._begun
        try:
            record = recorded(self._source, self._before, self.block.names(), seconds=seconds)
        except BaseException:
            # A bug of ours: the run must not stay active, or the next one would nest in it.
            self._ledger.end_run(self.id or "", RunRecord(failed=True))
            raise
        tags = dict(record.tags)
        texts = dict(record.texts)
        if self.block.origin:
            tags["dsml.notebook"] = os.path.basename(self.block.origin)  # noqa: PTH119  the folder is nobody's business
        if error is not None:
            tags["dsml.error"] = masked("".join(traceback.format_exception_only(error)).strip())
            texts["dsml/traceback.txt"] = masked("".join(traceback.format_exception(kind, error, trace)))
        self._ledger.end_run(self.id or "", replace(record, tags=tags, texts=texts, failed=error is not None))

    def __repr__(self) -> str:
        return f"<Run {self.name!r} {self.id or 'not begun'}>"
