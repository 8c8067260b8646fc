"""What a package showed when it was proved again."""

from dataclasses import dataclass

from dsml_magics.package.proof import Edge, GateResult, Latency


@dataclass(frozen=True)
class Check:
    """A package, proved again.

    Attributes
    ----------
    uri
        What was checked.
    files
        How many files are as their manifest says.
    made_up
        For how many made-up rows the answers are those of the notebook's model, bit for bit.
    edges
        Odd rows that were answered or refused as the contract promises.
    gates
        Its gates, measured again.
    left
        Gates that were not measured again, as they need data and target.
    """

    uri: str
    files: int
    made_up: int
    edges: tuple[Edge, ...]
    gates: tuple[GateResult, ...]
    left: tuple[str, ...]
    latency: Latency | None

    def __str__(self) -> str:
        lines = [f"{self.uri}: as it was proved", f"  {self.files} files are as their manifest says"]
        if self.made_up:
            lines.append(
                f"  {self.made_up} made-up rows are answered as by the notebook's model, bit for bit"
            )
        else:
            lines.append("  no made-up rows travel with it: its answers were not compared")
        lines.append(f"  {len(self.edges)} promises of the contract are kept")
        lines += [f"  gate: {gate}" for gate in self.gates]
        lines += [f"  gate {gate}: not measured again, give --data and --target" for gate in self.left]
        if self.latency:
            lines.append(f"  one row p50 {self.latency.p50_ms:.1f} ms, p99 {self.latency.p99_ms:.1f} ms")
        return "\n".join(lines)

    __repr__ = __str__
