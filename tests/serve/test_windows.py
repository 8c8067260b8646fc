"""What production looked like, on disk: profiles by version and time, and no rows."""

import time
from pathlib import Path

from served import ROW, X, ask, records, serving

import dsml_magics as dsml
from dsml_magics.package.window import Window, windows_in


def test_requests_become_windows_that_several_processes_share(ledger, tmp_path):
    rows = X.astype(object).where(X.notna(), None).to_dict("records")
    with serving("income@1", windows=tmp_path / "windows", window_minutes=7, workers=2) as server:
        for start in range(0, 400, 20):
            assert ask(server, "/invocations", records(*rows[start : start + 20]))[0] == 200
        assert ask(server, "/invocations", records({**ROW, "job": "refused"}))[0] == 422
    found = windows_in(tmp_path / "windows")
    assert {(window.name, window.number, window.seconds) for window in found} == {("income", 1, 420)}
    assert all(window.start % 420 == 0 and 0 <= time.time() - window.start < 900 for window in found)
    profile = sum((window.profile(tmp_path / "windows") for window in found), dsml.Profile())
    whole = dsml.Profile.of(X.assign(prediction=ledger.models[1].predict(X)))
    assert profile.rows == whole.rows == 400
    for name in (*ROW, "prediction"):
        ours, theirs = profile.columns[name], whole.columns[name]
        assert (ours.missing, ours.distinct, ours.min) == (theirs.missing, theirs.distinct, theirs.min)
    assert profile.columns["age"].max == X.age.max()
    content = b"".join(path.read_bytes() for path in Path(tmp_path / "windows").iterdir())
    assert b"refused" not in content


def test_windows_are_found_by_their_files(tmp_path):
    windows = [Window("a-b", None, 7200, 60), Window("a-b", 12, 3600, 3600), Window("a", 1, 0, 60)]
    for window in windows:
        window.add(tmp_path, X[:5])
        window.add(tmp_path, X[5:9])
    (tmp_path / "else.profile").write_text("no window")
    assert windows_in(tmp_path) == windows[::-1]
    assert windows[0].profile(tmp_path).rows == 9
