"""The lines a block command stands around: their source, indentation and names."""

import ast
import textwrap
from contextlib import contextmanager

import pytest
from hypothesis import given as arbitrary
from hypothesis import strategies as st

from dsml_magics.command.block import Block, current, dedented, given, indented

STATEMENTS = st.sampled_from(
    [
        "a = 1\n",
        "\n",
        "# a comment\n",
        "if a:\n    b = 2\nelse:\n    b = 3\n",
        'text = """one\n  two\n\nthree"""\n',
        "text = '''\n\tx\n'''  # end\n",
        'name = f"""one {a}\n  {b!r} two\n   {f"{a}"}\nthree"""\n',
        'raw = rb"""\\\n  x"""\n',
        "def f(x):\n\n    '''Doc\n  string.'''\n\n    return [\n  x,\n]\n",
        'call(\n    "a"\n"b",\n)\n',
        "long = 1 + \\\n  2\n",
        'one = "a" """b\n c""" "d"; two = 3\n',
        "class A:\n\tx = 1\n",
        "   \n",
    ]
)
CODE = st.lists(STATEMENTS, max_size=6).map("".join)


@arbitrary(CODE)
def test_dedenting_undoes_indenting(source):
    # Lines of blanks carry no code: they may come back empty.
    expected = "".join(line if line.strip() else "\n" for line in source.splitlines(keepends=True))
    found = "".join(
        line if line.strip() else "\n" for line in dedented(indented(source)).splitlines(keepends=True)
    )
    assert found == expected


@arbitrary(CODE)
def test_indented_code_means_the_same(source):
    body = ast.parse("if True:\n    pass\n" + indented(source)).body[0].body[1:]
    assert ast.dump(ast.Module(body, [])) == ast.dump(ast.Module(ast.parse(source).body, []))


@arbitrary(CODE)
def test_dedented_code_means_the_same(source):
    assert ast.dump(ast.parse(dedented(indented(source)))) == ast.dump(ast.parse(source))


@pytest.mark.parametrize("source", ["", "\n\n", "a = 1", "    a = 1\n    b = 2", "x = (\n"])
def test_odd_code_does_not_fail(source):
    assert isinstance(indented(source), str)
    assert isinstance(dedented(source), str)


# The caller is the first frame outside dsml_magics, where commands live.
_OURS = {"__name__": "dsml_magics.tests", "contextmanager": contextmanager, "current": current}
exec("@contextmanager\ndef block_of_caller(*_words):\n    yield current()\n", _OURS)
block_of_caller = _OURS["block_of_caller"]


def test_the_body_of_a_with_statement_is_found():
    with block_of_caller() as block:
        rate = 0.5  # half

        text = """kept
  as it is"""
    assert block.source == 'rate = 0.5  # half\n\ntext = """kept\n  as it is"""\n'
    assert (rate, text) == (0.5, "kept\n  as it is")


def test_the_innermost_with_statement_counts():
    with block_of_caller() as outer:
        a = 1
        with block_of_caller() as inner:
            b = 2
    assert inner.source == "b = 2\n"
    assert outer.source.startswith("a = 1\nwith block_of_caller()")
    assert (a, b) == (1, 2)


def test_a_header_of_several_lines_is_no_body():
    with (
        block_of_caller(
            "a",
        ) as block,
        block_of_caller() as _,
    ):
        value = 1
    assert block.source == "value = 1\n"
    assert value == 1


def test_a_comment_after_the_header_belongs_to_the_body():
    found = _run(
        "with block_of_caller(\n    'é:',  # not: this\n) as block:  # nor: this\n    # why\n    x = 1\n"
    )
    assert found["block"].source == "# why\nx = 1\n"


def test_a_decorator_at_the_start_belongs_to_the_body():
    found = _run("with block_of_caller() as block:\n    @staticmethod\n    def f(): ...\n")
    assert found["block"].source == "@staticmethod\ndef f(): ...\n"


def test_a_body_on_the_line_of_the_header_is_found():
    found = _run("with block_of_caller() as block: x = 1; y = 2\n")
    assert found["block"].source == "x = 1\ny = 2"


def _run(source):
    import linecache

    name = f"<block {abs(hash(source))}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    names = {"block_of_caller": block_of_caller, "__name__": "notebook"}
    exec(compile(source, name, "exec"), names)
    return names


def test_names_are_those_of_the_moment_they_are_asked_for():
    found = _run(
        "with block_of_caller() as block:\n    seen = 'x' in block.names()\n    x = 1\n    after = 'x' in block.names()\n"
    )
    assert (found["seen"], found["after"]) == (False, True)


def test_a_local_name_hides_a_global_one():
    found = _run(
        "y = 1\ndef f():\n    y = 2\n    with block_of_caller() as block:\n        return block.names()['y']\nseen = f()\n"
    )
    assert found["seen"] == 2


def test_a_script_is_the_origin():
    with block_of_caller() as block:
        pass
    assert block.origin == __file__


def test_without_source_the_block_is_empty():
    names = {"block_of_caller": block_of_caller, "__name__": "nowhere"}
    exec("with block_of_caller() as block:\n    x = 1\n", names)
    assert names["block"].source == ""


def test_a_given_block_stands_for_the_caller():
    cell = Block("a = 1\n", dict, "work.ipynb")
    with given(cell):
        assert current() is cell
    with block_of_caller() as block:
        pass
    assert block is not cell


def test_a_block_within_a_function_is_dedented():
    source = textwrap.dedent(
        '''
        def f():
            if True:
                with block_of_caller() as block:
                    text = """
            odd
        """
                    return block
        found = f()
        '''
    )
    assert _run(source)["found"].source == 'text = """\n    odd\n"""\nreturn block\n'
