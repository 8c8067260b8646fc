"""What a package that was proved again says of itself."""

from dataclasses import replace

from dsml_magics.deploy.checked import Check
from dsml_magics.package.proof import Edge, GateResult, Latency

CHECK = Check(
    uri="models:/income/3",
    files=12,
    made_up=200,
    edges=(Edge("one row", "answers"), Edge("no rows", "answers")),
    gates=(GateResult("size_mb<1", 0.25, True),),
    left=("r2>0.5", "mae<1"),
    latency=Latency(20, 1.26, 2.5, 4000.0),
)


def test_a_package_that_was_proved_again_says_what_was_looked_at():
    assert str(CHECK) == repr(CHECK)
    assert str(CHECK).splitlines() == [
        "models:/income/3: as it was proved",
        "  12 files are as their manifest says",
        "  200 made-up rows are answered as by the notebook's model, bit for bit",
        "  2 promises of the contract are kept",
        "  gate: size_mb<1: 0.25, passed",
        "  gate r2>0.5: not measured again, give --data and --target",
        "  gate mae<1: not measured again, give --data and --target",
        "  one row p50 1.3 ms, p99 2.5 ms",
    ]


def test_what_could_not_be_looked_at_is_said_or_left_out():
    bare = replace(CHECK, made_up=0, gates=(), left=(), latency=None)
    assert str(bare).splitlines()[2:] == [
        "  no made-up rows travel with it: its answers were not compared",
        "  2 promises of the contract are kept",
    ]
