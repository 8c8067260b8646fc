"""Notebooks on which conversion by pattern breaks: IPython and the script must agree."""

import json
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

TRAPS = {
    "a percent sign in a string": ["result = '%time 3' + '''\n%time\n!ls\n'''"],
    "the operator": ["a = 7\ntime = 4\nresult = (a\n%time\n)"],
    "nested line magics": ["result = 0\nfor i in range(3):\n    if i:\n        %time result += i\n"],
    "a magic alone in a block": ["result = 1\nif result:\n    %who\nelse:\n\t%whos"],
    "captured lines": ["lines = !printf 'a\\nb'\nresult = lines[:]\nresult = list(result)"],
    "captured standard error": ["lines = !echo oops >&2\nresult = list(lines)"],
    "captured in a function": ["def f(x):\n    got = !echo {x} $x\n    return list(got)\nresult = f(3)"],
    "unicode before a magic": [
        "é = 'ünïcödé'; result = 0\nif é: result = 1\nq = !echo {é} é\nresult = list(q)"
    ],
    "an expression in braces": ["d = {'k': [1, 2]}\nq = !echo {d['k'][1]} {len(d)}\nresult = list(q)"],
    "a name the notebook lacks": ["x = 1\nq = !V=5; echo {x} $V_NONE-\nresult = list(q)"],
    "doubled braces and dollars": ["q = !echo {{a}} $$HOME_NONE-\nresult = list(q)"],
    "braces of awk": ["q = !echo 'a b' | awk '{print $2}'\nresult = list(q)"],
    "quotes and backslashes": ['x = 1\nq = !printf "%s-\\n" \'a"b\' {x}\nresult = list(q)'],
    "a line continuation": ["x = 2\nq = !echo {x} \\\n  b \\\n  c\nresult = list(q) + [1 + \\\n  1]"],
    "a semicolon at the end": ["result = 3\n%time result;"],
    "several statements timed": ["%time a = 1; b = 2\nresult = [a, b]"],
    "the value of a timed call": ["result = %time sum([1, 2])"],
    "a timed tuple": ["result = %time 1, 2\nresult = list(result)"],
    "a timed cell": ["%%time\na = '''\n  x\n'''\nresult = [a]"],
    "a cell magic in a cell magic": ["%%capture\n%%time\nresult = 5\nprint(result)"],
    "captured output": ["%%capture out\nprint('hello')", "result = out.stdout"],
    "an empty captured cell": ["%%capture\n# nothing", "result = 1"],
    "a comment after code": ["a = [  # %time\n    1,\n]  # !ls\nresult = a  # x?"],
    "decorators and classes": [
        "import functools\nclass A:\n    '''%time'''\n    @functools.cache\n    def f(self):\n        q = !echo {2}\n        return q[0]\n",
        "result = A().f()",
    ],
    "the environment": [
        "x = 'v'\n%env TRAP_A={x} 1\n%env TRAP_B $x\nimport os\nresult = [os.environ['TRAP_A'], os.environ['TRAP_B']]"
    ],
    "reading the environment": ["%set_env TRAP_C=c", "result = %env TRAP_C"],
    "the working folder": [
        "import os\nos.makedirs('sub', exist_ok=True)\n%cd -q sub\nresult = os.path.basename(os.getcwd())\n%cd .."
    ],
    "another script": [
        '%%writefile other.py\nimport sys\nfound = sys.argv[1:]\ntext = """a\\n{b}"""\n',
        "n = 4\n%run other.py {n} 'x y'\nresult = [found, text]",
    ],
    "a file appended to": [
        "%%writefile t.txt\na\\n",
        "%%writefile -a t.txt\n'''\"\"\"",
        "result = open('t.txt').read()",
    ],
    "a shell cell": ["%%bash\nx='a b'\necho \"$x {x}\" > out.txt\n", "result = open('out.txt').read()"],
    "names of ours taken": [
        "os = 'mine'; subprocess = 'mine'; io = 1; contextlib = 2\n%env TRAP_D=1\n!true",
        "%%capture\nprint(1)",
        "result = [os, subprocess, io, contextlib]",
    ],
    "a module imported after its magic": [
        "!true\n%cd .\nimport os, subprocess\nresult = os.path.basename('a/b')"
    ],
    "a future import in the middle": [
        "x = 1",
        "from __future__ import annotations\ndef f(a: nowhere): return 2\nresult = f(1)",
    ],
    "prompts pasted along": [">>> a = 1\n>>> result = [\n...     a]"],
    "an indented cell": ["    a = 1\n    result = a"],
    "help on a name": ["a = [1]\na.append?\nresult = a"],
    "an awaiting cell": [
        "import asyncio\nasync def f(): return 2",
        "x = await f()\nresult = [x for _ in [1]]",
    ],
    "carriage returns": ["a = 1\r\nq = !echo b\r\nresult = list(q)"],
    "a raising cell": [("raises-exception", "result = 1\nraise ValueError"), "result += 1"],
    "a global set from a with block": ["%%capture\ndef g(): return h()\n", "def h(): return 9\nresult = g()"],
}


@pytest.mark.parametrize("name", TRAPS)
def test_ipython_and_the_script_agree_on(name, tmp_path, monkeypatch, result):
    monkeypatch.chdir(tmp_path)
    # The shell makes its namespace the main module.
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    expected = in_ipython(TRAPS[name])
    assert result(*TRAPS[name]) == expected


def in_ipython(cells):
    shell = InteractiveShell(config=Config(HistoryManager={"enabled": False}))
    for cell in cells:
        tag, source = cell if isinstance(cell, tuple) else (None, cell)
        done = shell.run_cell(source)
        assert done.success or tag
    return json.loads(json.dumps(shell.user_ns["result"]))
