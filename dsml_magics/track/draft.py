"""A run while it is written down: begun with its block, ended with it, and completed beside the next one."""

import os
import traceback
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING, Any

from dsml_magics.command.block import Block
from dsml_magics.ledger.here import beginning_here, now
from dsml_magics.ledger.live import begin_live, end_live
from dsml_magics.ledger.outbox import Outbox, outbox
from dsml_magics.ledger.place import address
from dsml_magics.ledger.record import ID_TAG, SHORT_ID, Beginning, RunRecord
from dsml_magics.ledger.spool import Entry, spool
from dsml_magics.ledger.store import defaults_tag, model_tag
from dsml_magics.redaction import secret_values
from dsml_magics.track.capture import Before, Found, found
from dsml_magics.track.facts import Facts
from dsml_magics.track.leak import Overlap, find_leaks
from dsml_magics.track.meter import Cost, Meter
from dsml_magics.track.notice import attempt, reason_of
from dsml_magics.track.output import Output, listening
from dsml_magics.track.session import Session
from dsml_magics.track.snapshot import Snapshot
from dsml_magics.track.source import Source, without_secrets
from dsml_magics.track.surroundings import Commit, commit, digest_of_text, packages, random_states

if TYPE_CHECKING:
    from dsml_magics.track.tracking import Choice


@dataclass
class Draft:
    """What is known of a run so far; all that takes time is found out in `complete`, beside the kernel's work."""

    entry: Entry
    outbox: Outbox
    choice: "Choice"
    source: Source
    session: Session
    origin: str | None
    live: str | None
    before: Before
    read: Snapshot
    random: Mapping[str, Any]
    commit: "Future[Commit | None]"
    not_recorded: list[str]
    output: Output | None = None
    cost: Cost | None = None
    found: Found | None = None
    loaded: Snapshot | None = None
    pickles: Mapping[str, bytes] = field(default_factory=dict)
    overlaps: Sequence[Overlap] = ()
    error: bool = False
    secrets: frozenset[str] = frozenset()

    @classmethod
    def begin(cls, name: str, choice: "Choice", block: Block, *, parent: str | None) -> "Draft":
        """Note what the block may change, and put the run into the spool.

        Raises
        ------
        OSError
            The spool cannot be written.
        """
        source, session, uri = Source(block.source), Session.now(), address()
        live = begin_live(name, uri, experiment=choice.experiment, resume=choice.resume, source=block.source)
        not_recorded: list[str] = []
        names = attempt(block.names, "the names before the block", not_recorded) or {}
        before = attempt(lambda: Before.of(names), "the names before the block", not_recorded)
        read = attempt(
            lambda: Snapshot.before(source, names), "the tables that the block reads", not_recorded
        )
        beginning = beginning_here(
            name,
            uri,
            experiment=choice.experiment,
            run=live or choice.resume,
            parent=parent,
            resumed=choice.resume is not None,
            source=os.path.basename(block.origin) if block.origin else None,  # noqa: PTH119  the folder is nobody's business
            tags=_tags(source, session, block.origin) if choice.resume is None else {},
        )
        entry = spool().begin(beginning, {f"{_root(beginning)}/cell.py": without_secrets(source)})
        box = outbox(uri)
        asked = _asked(box)
        states = attempt(lambda: random_states(source.imported), "the random states", not_recorded) or {}
        return cls(
            entry,
            box,
            choice,
            source,
            session,
            block.origin,
            live,
            before or Before(),
            read or Snapshot(),
            states,
            asked,
            not_recorded,
        )

    @property
    def id(self) -> str:
        """Our own id of the run."""
        return self.entry.id

    def run_id(self, *, patience: float) -> str:
        """Wait for MLflow's id of the run; once the block has ended, for all of the run.

        Raises
        ------
        LedgerError
            The ledger is away, or refused it.
        """
        if self.cost is None and self.live:
            return self.live
        return self.outbox.run_of(self.id, whole=self.cost is not None, patience=patience)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Listen to what the block prints and shows, and measure what it costs."""
        with listening() as self.output:
            meter = Meter.begin()
            try:
                yield
            finally:
                self.cost = meter.end()

    def end(self, names: Mapping[str, Any], error: BaseException | None) -> None:
        """Write down what is known when the block has ended."""
        self.error = is_failure(error)
        if self.live:
            end_live(self.live, "FAILED" if self.error else "FINISHED")
        said = self.not_recorded
        said += self.output.not_recorded if self.output else ()
        self.found = attempt(lambda: self._look(names), "names, parameters and metrics", said) or Found()
        said += self.found.not_recorded
        self.loaded = (
            attempt(lambda: Snapshot.after(self.source, names), "the tables that were loaded", said)
            or Snapshot()
        )
        self.overlaps = attempt(lambda: find_leaks(self._tables(names)), "rows that tables share", said) or ()
        self.secrets = attempt(lambda: _secrets(self.source, names), "secrets", said) or _secrets(
            self.source, {}
        )
        # Pickled now: a later cell may fit the model anew.
        self.pickles = {
            name: pickle for name, model in self.found.models.items() if (pickle := _pickled(model))
        }
        self._put_output(error)
        self.entry.end(self._record(error), self.secrets)
        self._put_facts(Facts.early())

    def abandon(self, error: BaseException | None) -> None:
        """End the run with nothing but its outcome, when more could not be written down.

        Raises
        ------
        OSError
            Not even that can be written.
        """
        tags = {**self.entry.beginning.tags, ID_TAG: self.id}
        self.entry.end(
            RunRecord(tags=tags, status="FAILED" if is_failure(error) else "FINISHED", ended=now())
        )
        self.entry.close()

    def notices(self) -> list[str]:
        """Say what the user should know when the block has ended."""
        run = f"run {self.entry_name} ({self.id[:SHORT_ID]})"
        said = [f"{run}: {overlap}" for overlap in self.overlaps]
        return [*said, f"{run} was recorded as failed."] if self.error else said

    def _look(self, names: Mapping[str, Any]) -> Found:
        choice = self.choice
        return found(self.source, self.before, names, params=choice.params, metrics=choice.metrics)

    def _tables(self, names: Mapping[str, Any]) -> dict[str, Any]:
        """Return the tables of the block: those it read as they were then."""
        assert self.loaded is not None  # it has ended
        bound = {name: names[name] for name in (*self.read.done, *self.source.bound) if name in names}
        return {**bound, **self.loaded.held, **self.read.held}

    def _put_output(self, error: BaseException | None) -> None:
        put = self._put
        if self.output is not None:
            if text := self.output.text():
                put("output.txt", text)
            for path, content in self.output.figures().items():
                self.entry.put(path.replace("dsml", self._root, 1), content)
        if error is not None:
            put("traceback.txt", "".join(traceback.format_exception(error)))

    def _record(self, error: BaseException | None) -> RunRecord:
        found, cost, beginning = self.found, self.cost, self.entry.beginning
        assert found is not None and cost is not None  # noqa: PT018  it has ended
        metrics = dict(found.metrics)
        metrics |= {"dsml.wall_seconds": cost.seconds, "dsml.cpu_seconds": cost.cpu_seconds}
        metrics |= {"dsml.peak_memory_mb": cost.peak_memory_mb} if cost.peak_memory_mb is not None else {}
        said = "".join(traceback.format_exception_only(error)).strip() if error is not None else None
        return RunRecord(
            parameters=found.parameters,
            metrics=metrics,
            series=found.series,
            # Again: a run that was active in MLflow, or is continued, was not made with them.
            tags={
                **beginning.tags,
                ID_TAG: beginning.id,
                **defaults_tag(found.defaults),
                **({"dsml.error": said} if said else {}),
            },
            status="FAILED" if self.error else "FINISHED",
            ended=now(),
            chosen=found.chosen,
        )

    def complete(self) -> None:
        """Find out what takes longer, and let the run be sent, with that or without it.

        Raises
        ------
        OSError
            It cannot be written.
        """
        more: Mapping[str, Any] = {}
        try:
            more = self._find_out()
        except Exception as error:  # noqa: BLE001  objects of the user may do anything; the run is there without
            self._put_facts(Facts.early(reason_of(error)))
        finally:
            self.entry.close(**more)
            self.outbox.wake()

    def _find_out(self) -> dict[str, Any]:
        """Find out fingerprints, profiles, commit and packages; return what they add to the record."""
        from dsml_magics.ledger.digest import digest_of_pickle
        from dsml_magics.track.candidates import write_candidates

        record = self.entry.record
        assert record is not None and self.found is not None and self.loaded is not None  # noqa: PT018  it has ended
        read, loaded = self.read.read(), self.loaded.read()
        for path, content in {**read.files, **loaded.files}.items():
            self.entry.put(path.replace("dsml", self._root, 1), content)
        state = self.commit.result()
        facts = Facts(read.joined(loaded), state, packages())
        tags = {**record.tags, **facts.tags()}
        if self.overlaps:
            tags["dsml.overlap"] = "; ".join(f"{each.fitted}, {each.tested}" for each in self.overlaps)
        tags |= {
            model_tag(digest): name
            for name, pickle in self.pickles.items()
            if (digest := digest_of_pickle(pickle))
        }
        if state is not None and state.diff:
            self._put("diff.patch", state.diff)
        if self.choice.nested:
            models = self.found.models
            attempt(
                lambda: write_candidates(self.entry.beginning, models, ended=record.ended),
                "candidates",
                self.not_recorded,
            )
        self._put_facts(facts)
        self._put("random.json", Facts.json_of(self.random))
        return {"tags": tags, "tables": facts.tables.tables}

    def _put_facts(self, facts: Facts) -> None:
        self._put("cell.json", facts.to_json(self))

    def _put(self, name: str, content: str) -> None:
        self.entry.put(f"{self._root}/{name}", content, self.secrets)

    @property
    def entry_name(self) -> str:
        return repr(self.entry.beginning.name)

    @property
    def _root(self) -> str:
        return _root(self.entry.beginning)


def is_failure(error: BaseException | None) -> bool:
    """Tell whether a block failed: a script that exits with 0 did not."""
    return error is not None and not (isinstance(error, SystemExit) and error.code in (None, 0))


def _root(beginning: Beginning) -> str:
    """Name the folder of the artifacts: those of a run that is continued keep theirs."""
    return f"dsml/resumed/{beginning.id[:8]}" if beginning.resumed else "dsml"


def _tags(source: Source, session: Session, origin: str | None) -> dict[str, str]:
    tags = {"dsml.cell_sha256": digest_of_text(source.text)}
    if origin:
        tags["dsml.notebook"] = os.path.basename(origin)  # noqa: PTH119  the folder is nobody's business
    if session.cell_id:
        tags["dsml.cell_id"] = session.cell_id
    if session.count is not None:
        tags["dsml.execution_count"] = str(session.count)
    return tags


def _asked(box: Outbox) -> "Future[Commit | None]":
    """Ask git, and begin sending, beside the block: both start processes."""
    answer: Future[Commit | None] = Future()

    def ask() -> None:
        try:
            box.wake()
            answer.set_result(commit())
        except BaseException as error:  # noqa: BLE001  handed on to who waits for it
            answer.set_exception(error)

    Thread(target=ask, name="dsml-git").start()
    return answer


def _secrets(source: Source, names: Mapping[str, Any]) -> frozenset[str]:
    """Collect the secrets that the block may print, or raise with."""
    return source.secrets | secret_values(names) | secret_values(os.environ)


def _pickled(model: Any) -> bytes | None:
    import cloudpickle

    try:
        return bytes(cloudpickle.dumps(model))
    except Exception:  # noqa: BLE001  pickling runs the model's own code, which may raise anything
        return None
