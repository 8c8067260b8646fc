"""CSV files that are not UTF-8: read in their own encoding, which is said."""

import gzip

import pytest

import dsml_magics as dsml
from dsml_magics.command.cli import main
from dsml_magics.errors import TableUnreadable, UsageError
from dsml_magics.frames import format as format_
from dsml_magics.frames.encoded_path import with_encoding
from dsml_magics.frames.encoding import detect_encoding
from dsml_magics.frames.opening import open_table

KOREAN = "이름,도시,나이\n김철수,서울특별시,31\n박영희,부산광역시,45\n이민수,대전,22\n"
LATIN = "name,city,age\nJosé,Málaga,31\nFrançois,Orléans,45\nJürgen,Köln,22\n"
JAPANESE = "名前,都市,年\n田中,東京,31\n鈴木,大阪市,45\nカタカナ,ひらがな,22\n"


@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        (KOREAN, "cp949", "cp949"),
        (KOREAN, "euc_kr", "cp949"),
        (KOREAN + "똠방각하,펲시콜라,1\n", "cp949", "cp949"),
        ("성별,소득\n남,100\n여,200\n", "euc_kr", "cp949"),
        (LATIN, "latin-1", "cp1252"),
        (LATIN, "cp1252", "cp1252"),
        (JAPANESE, "shift_jis", "shift_jis"),
        (KOREAN, "utf-16", "utf-16"),
        (LATIN, "utf-32", "utf-32"),
    ],
)
def test_a_csv_in_another_encoding_is_read_and_it_is_said(tmp_path, text, encoding, said):
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode(encoding))
    table = open_table(path)
    rows = [line.split(",") for line in text.splitlines()]
    assert table.columns == rows[0]
    assert [list(map(str, row.values())) for row in table.to_arrow().to_pylist()] == rows[1:]
    assert [(note.code, note.values) for note in table.notes] == [("encoding", {"encoding": said})]
    assert f"read as {said}, as it is not UTF-8" in dsml.profile(path).to_text()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "ascii"])
def test_utf8_is_nothing_to_say(tmp_path, encoding):
    path = tmp_path / "table.csv"
    path.write_bytes((KOREAN if encoding != "ascii" else "a,b\n1,2\n").encode(encoding))
    assert open_table(path).notes == ()


@pytest.mark.parametrize("ending", ["csv", "csv.gz"])
def test_the_first_letter_beyond_ascii_may_come_late(tmp_path, monkeypatch, ending):
    monkeypatch.setattr(format_, "WHOLE", 4096)
    content = ("a,b\n" + "1,plain\n" * 20_000 + "2,서울특별시\n" + "3,부산\n" * 5000).encode("cp949")
    path = tmp_path / f"late.{ending}"
    path.write_bytes(gzip.compress(content) if ending.endswith("gz") else content)
    table = open_table(path)
    assert table.notes[0].values == {"encoding": "cp949"}
    values = table.to_arrow()["b"].to_pylist()
    assert (len(values), values[20_000], values[-1]) == (25_001, "서울특별시", "부산")


def test_damaged_utf8_is_refused_not_guessed(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(KOREAN.encode() + b"\xff\xfe,x,1\n")
    with pytest.raises(TableUnreadable, match="another encoding than UTF-8"):
        open_table(path)


@pytest.mark.parametrize("content", [b"", b"plain\n", b"\x00\x01\xff\n", "é\n".encode()])
def test_no_other_encoding_is_found_where_there_is_none(content):
    assert detect_encoding([content]) is None


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_chunks_may_end_anywhere(size):
    content = (KOREAN * 20).encode("cp949")
    assert detect_encoding(content[at : at + size] for at in range(0, len(content), size)) == "cp949"


@pytest.mark.parametrize("given", ["cp949", "EUC-KR"])
def test_a_given_encoding_is_used_without_detection_and_said(tmp_path, given):
    # By its bytes this is taken for Western European text.
    path = tmp_path / "table.csv"
    path.write_bytes(
        "a,b\n뷁,1\n㈜가나,2\n".encode("cp949") if given == "cp949" else "a,b\n가,1\n".encode("euc-kr")
    )
    (source,) = with_encoding(given, path)
    table = open_table(source)
    assert table.to_arrow()["a"][0].as_py() in ("뷁", "가")
    assert [(note.code, note.values) for note in table.notes] == [("given_encoding", {"encoding": given})]
    profile = dsml.profile(path, encoding=given)
    assert f"read as {given}, as was asked for" in profile.to_text()


def test_a_given_encoding_goes_to_both_tables_of_a_comparison(tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.csv").write_bytes("도시\n뷁\n".encode("cp949"))
    found = dsml.profile(tmp_path / "one.csv", compare=tmp_path / "two.csv", encoding="cp949")
    assert found.figures.comparison.drifts[0].distance == 0
    mixed = dsml.profile(tmp_path / "one.csv", compare={"도시": ["뷁"]}, encoding="cp949")
    assert mixed.figures.comparison.drifts[0].distance == 0


def test_utf8_that_was_asked_for_is_nothing_to_say(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(KOREAN, encoding="utf-8")
    assert dsml.profile(path, encoding="UTF-8").notes == ()


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (KOREAN.encode("cp949"), "utf-8"),
        (KOREAN.encode("cp949"), "ascii"),
        (LATIN.encode("latin-1"), "cp949"),
        (b"a,b\n1,2\n3", "utf-16"),
        (b"a,b\n1,2\n", "utf-32"),
    ],
)
def test_a_wrong_encoding_is_one_clear_error(tmp_path, content, encoding):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(TableUnreadable, match=f"Is it in another encoding than {encoding}"):
        dsml.profile(path, encoding=encoding)


@pytest.mark.parametrize(
    "encoding", ["cp9499", "base64", "undefined", "", "a\0b", 949, "no such thing at all"]
)
def test_an_unknown_encoding_is_one_clear_error(tmp_path, encoding):
    with pytest.raises(UsageError, match="No encoding .*(Did you mean|Give one)"):
        dsml.profile(tmp_path / "table.csv", encoding=encoding)


@pytest.mark.parametrize("data", [{"a": [1]}, "table.parquet", "table.jsonl.gz"])
def test_an_encoding_is_for_csv_files_only(data):
    with pytest.raises(UsageError, match="Expected the path of a CSV file with the encoding 'cp949'"):
        dsml.profile(data, encoding="cp949")


def test_a_folder_of_other_files_takes_no_encoding(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n')
    with pytest.raises(UsageError, match="Expected a CSV file with the encoding 'cp949'"):
        dsml.profile(tmp_path, encoding="cp949")


def test_the_option_of_the_shell(tmp_path, capsys):
    path = tmp_path / "table.csv"
    path.write_bytes("도시\n뷁\n".encode("cp949"))
    assert main(["profile", str(path), "--encoding", "cp949"]) == 0
    assert "read as cp949, as was asked for" in capsys.readouterr().out
    assert main(["profile", str(path), "--encoding", "cp9499"]) == 2
    assert capsys.readouterr().err == "dsml: No encoding 'cp9499'. Did you mean 'cp949'?\n"
