"""A job at work: its steps in order, or those that do not need each other side by side."""

from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from dsml_magics.run.doing import Again, Doing, Hand
from dsml_magics.run.need import lost_for
from dsml_magics.run.state import State


@dataclass
class Running:
    """One run of a script: its steps, and the processes they run in."""

    doing: Doing
    hands: list[Hand]
    _settled: list[str] = field(default_factory=list)
    _busy: dict[Future[None], tuple[str, Hand]] = field(default_factory=dict)

    def go(self) -> None:
        """Run what must run.

        Raises
        ------
        StepFailed, StateUnusable
            A step failed, or what it left could not be kept; what was done before is kept.
        """
        is_abreast = len(self.hands) > 1
        while True:
            try:
                self._abreast() if is_abreast else self._in_order()
            except Again as again:
                # In one process, so that what cannot be kept is there.
                is_abreast = False
                self.doing.plan.forced |= again.steps
                self.stop()
            else:
                break
        for hand in self.hands:
            if hand.worker is not None:
                hand.worker.begin_end()

    def end(self) -> None:
        """Wait until all processes have ended as scripts do that are done."""
        for hand in self.hands:
            if hand.worker is not None:
                hand.worker.end()

    def stop(self) -> None:
        """End all processes."""
        for hand in self.hands:
            hand.drop()

    def _in_order(self) -> None:
        doing, state = self.doing, State()
        for name in doing.plan.order:
            if doing.has_ended:
                return
            if why := doing.why(name, state):
                doing.run(doing.plan.needs[name], state, why, self.hands[0])
            else:
                doing.keep(name)
            state.add(doing.records[name])

    def _abreast(self) -> None:
        self._settled, self._busy = [], {}
        with ThreadPoolExecutor(len(self.hands)) as pool:
            try:
                while self._start_all(pool) or self._busy:
                    self._await_one()
            except BaseException:
                # Else the pool would wait for what they do.
                self.stop()
                raise

    def _start_all(self, pool: ThreadPoolExecutor) -> bool:
        """Start what can start, and keep what is kept; tell whether anything runs."""
        while (name := self._next()) is not None:
            doing, need = self.doing, self.doing.plan.needs[name]
            # A later step that is done already may have bound the same names anew.
            before = doing.plan.order[: doing.plan.order.index(name)]
            state = State.after(doing.records[each] for each in before if each in self._settled)
            if why := doing.why(name, state):
                hand = self._holding(lost_for(need, state))
                self._busy[pool.submit(doing.run, need, state, why, hand)] = name, hand
            else:
                doing.keep(name)
                self._settled.append(name)
        return bool(self._busy)

    def _next(self) -> str | None:
        """Find a step that waits for nothing, and for which a process is free."""
        if self.doing.has_ended or len(self._busy) == len(self.hands):
            return None
        plan = self.doing.plan
        going = {name for name, _ in self._busy.values()}
        for name in plan.order:
            waits = {*plan.needs[name].after} & plan.considered - {*self._settled}
            if name not in self._settled and name not in going and not waits:
                return name
        return None

    def _await_one(self) -> None:
        done, _ = wait(self._busy, return_when=FIRST_COMPLETED)
        for future in done:
            name, _ = self._busy.pop(future)
            future.result()
            self._settled.append(name)

    def _holding(self, wanted: Iterable[str]) -> Hand:
        """Choose the free process that has what only its memory has."""
        taken = [id(hand) for _, hand in self._busy.values()]
        free = [hand for hand in self.hands if id(hand) not in taken]
        return max(free, key=lambda hand: len(hand.holds & {*wanted}))
