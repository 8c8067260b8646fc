"""Figures are closed after the cells that draw, by a name the notebook has by then."""

import pytest

from tests.pipeline.conftest import body, script


def closings(*cells):
    """Tell after which cells figures are closed, from 0, but for a first cell that imports."""
    parts = script(*cells).split("# %%")[1:]
    return [
        at for at, part in enumerate(parts) if part.rstrip().endswith(("_close_figures()", 'close("all")'))
    ]


IMPORTS = "import matplotlib.pyplot as plt\nimport pandas as pd\nimport seaborn as sns"


def test_a_name_that_is_imported_further_down_is_not_relied_on():
    source = body(
        "import pandas as pd\npd.DataFrame().plot()", "import matplotlib.pyplot as plt", "plt.plot([1])"
    )
    first, _, last = source.split("# %%")
    assert first.rstrip().endswith("_close_figures()")
    assert last.rstrip().endswith('plt.close("all")')


def test_a_name_of_a_cell_that_may_raise_is_not_relied_on():
    cells = [
        ("raises-exception", "1 / 0\nimport matplotlib.pyplot as plt"),
        "import seaborn as sns\nsns.lineplot()",
    ]
    assert body(*cells).rstrip().endswith("_close_figures()")


def test_a_script_with_an_import_further_down_runs(result):
    cells = [
        "import pandas as pd\npd.DataFrame({'a': [1, 2]}).plot()",
        "import matplotlib.pyplot as plt\nresult = plt.get_fignums()",
    ]
    assert result(*cells) == []


@pytest.mark.parametrize(
    ("cell", "draws"),
    [
        ("plt.plot([1])", True),
        ("fig, ax = plt.subplots()\nax.set_title('a')", True),
        ("pd.DataFrame().plot()", True),
        ("pd.plotting.scatter_matrix(pd.DataFrame())", True),
        ("sns.lineplot()", True),
        ("from sklearn.tree import plot_tree\nplot_tree(1)", True),
        ("from helpers import show_digits\nshow_digits(1)", True),
        ("model.plot_diagnostics()", True),
        ("def draw(ax):\n    ax.plot([1])", False),
        ("plt.rcParams['a'] = 1", False),
        ("df = sns.load_dataset('tips')", False),
        ("sns.set_theme()", False),
        ("colours = plt.cm.viridis", False),
        ("import statsmodels.api as sm\nm = sm.OLS([1], [2]).fit()", False),
        ("import shap\ne = shap.Explainer(1)", False),
        ("import matplotlib.patches as p\np.Circle((0, 0), 1)", False),
        ("import plotly.express as px\nf = px.scatter(x=[1])", False),
        ("x = [1]\nprint(x)", False),
    ],
)
def test_figures_are_closed_only_after_cells_that_draw(cell, draws):
    assert closings(IMPORTS, cell) == ([1] if draws else [])


def test_a_function_of_the_notebook_that_draws_does_so_where_it_is_called():
    assert closings(IMPORTS, "def f():\n    plt.plot([1])", "def g():\n    f()", "g()", "1") == [3]


def test_a_cell_that_shows_its_figures_closes_them_there_only():
    assert body(IMPORTS, "plt.plot([1])\nplt.show()\nprint(1)").count('close("all")') == 1
    assert body(IMPORTS, "plt.show()\nplt.plot([1])").count('close("all")') == 2


PLOTLY = "import plotly.express as px\nimport plotly.io as pio\nfig = px.scatter(x=[1])"
BOKEH = "from bokeh.plotting import figure, show\nfrom bokeh.io import output_notebook\np = figure()"
ALTAIR = "import altair as alt\nchart = alt.Chart().mark_bar()"


@pytest.mark.parametrize(
    ("first", "cell", "expected"),
    [
        (PLOTLY, "fig.show(renderer='notebook')\nx = 1", "x = 1"),
        (
            PLOTLY,
            "fig.update_layout(\n    title='a',  # b\n).show()",
            "fig.update_layout(\n    title='a',  # b\n)",
        ),
        (PLOTLY, "(\n    px.bar(x=[1])\n    .show()\n)", "(\n    px.bar(x=[1])\n)"),
        (PLOTLY, "pio.show(fig)\nx = 1", "x = 1"),
        (
            PLOTLY,
            "from plotly.offline import iplot\niplot(px.bar(x=[1]))",
            "from plotly.offline import iplot\n\npx.bar(x=[1])",
        ),
        (PLOTLY, "for each in [fig]:\n    each.show()", "for each in [fig]:\n    pass"),
        (
            PLOTLY,
            "def make():\n    return px.bar(x=[1])\n\nmake().show()",
            "def make():\n    return px.bar(x=[1])\n\nmake()",
        ),
        (PLOTLY, "table.show()", "table.show()"),
        (BOKEH, "output_notebook()\nshow(p)\nx = 1", "x = 1"),
        (BOKEH, "from bokeh.plotting import output_file\noutput_file('a.html')\nshow(p)", "show(p)"),
        (ALTAIR, "chart.interactive().display()\nx = 1", "chart.interactive()\nx = 1"),
        ("x = 1", "fig.show()", "fig.show()"),
    ],
)
def test_shown_figures_of_other_libraries_are_only_made(first, cell, expected):
    last = body(first, cell).split("# %%")[-1].strip()
    assert "".join(last.split()).endswith("".join(expected.split()))


def test_a_displayed_figure_of_another_library_is_not_printed(run, tmp_path):
    (tmp_path / "plotly").mkdir()
    (tmp_path / "plotly" / "__init__.py").write_text(
        "class Figure:\n    def __repr__(self):\n        return 'x' * 10**6\n"
    )
    printed = run(script("import plotly", "display(plotly.Figure(), 1)")).stdout
    assert printed == "1\n"


def test_magics_that_only_show_something_are_comments():
    source = body(
        "%load_ext tensorboard\n%load_ext watermark\n%tensorboard --logdir logs\n%watermark -v\nx = 1"
    )
    code = [line for line in source.splitlines() if line and not line.startswith("#")]
    assert code == ["x = 1"]
