"""What is known of functions and methods that notebooks call. What is not listed may do anything."""

from dsml_magics.pipeline.analysis.facts import FIGURES, FILES, LEDGER, NETWORK, OUTPUT, PROCESS, RANDOM

PURE_BUILTINS = frozenset(
    """abs all any ascii bin bool bytes bytearray callable chr classmethod complex dict divmod enumerate filter
    float format frozenset getattr hasattr hash hex id int isinstance issubclass iter len list map max
    memoryview min object oct ord pow property range repr reversed round set slice sorted staticmethod str sum
    super tuple type zip""".split()
)
CONSUMING = frozenset(
    """all any bytes dict enumerate filter frozenset list map max min set sorted sum tuple zip""".split()
)
"""Builtins that use up an iterator they are given."""

OPAQUE = frozenset(
    [
        "_run",
        "exec",
        "eval",
        "globals",
        "locals",
        "vars",
        "dir",
        "compile",
        "__import__",
        "get_ipython",
        "breakpoint",
    ]
)

PURE_MODULES = frozenset(
    """abc argparse bisect calendar cmath collections copy dataclasses datetime decimal difflib enum fractions functools
    hashlib heapq html inspect itertools json keyword math numbers operator pprint re statistics string struct
    textwrap time types typing unicodedata uuid zlib base64 binascii numpy pandas polars pyarrow scipy sklearn
    statsmodels xgboost lightgbm catboost patsy tqdm""".split()
)
"""Modules whose functions return something and leave everything else as it was, but for those named below."""

DRAWING_MODULES = frozenset(["matplotlib", "seaborn", "plotly", "altair", "bokeh", "mpl_toolkits", "pylab"])

# By dotted path, the longest beginning first: what a function uses and touches.
TOUCHING: dict[str, tuple[str, ...]] = {
    "numpy.random.default_rng": (),
    "numpy.random.Generator": (),
    "numpy.random.RandomState": (),
    "numpy.random.SeedSequence": (),
    "numpy.random": (RANDOM,),
    "numpy.load": (FILES,),
    "numpy.save": (FILES,),
    "numpy.savez": (FILES,),
    "numpy.savez_compressed": (FILES,),
    "numpy.savetxt": (FILES,),
    "numpy.loadtxt": (FILES,),
    "numpy.fromregex": (FILES,),
    "numpy.lib": (FILES,),
    "pandas.to_pickle": (FILES,),
    "pyarrow.OSFile": (FILES,),
    "pyarrow.memory_map": (FILES,),
    "pyarrow.fs": (FILES,),
    "pyarrow.ipc": (FILES,),
    "pyarrow.orc": (FILES,),
    "pyarrow.json": (FILES,),
    "sklearn.datasets.load_svmlight_file": (FILES,),
    "sklearn.datasets.dump_svmlight_file": (FILES,),
    "sklearn.datasets.load_files": (FILES,),
    "numpy.genfromtxt": (FILES,),
    "numpy.fromfile": (FILES,),
    "numpy.memmap": (FILES,),
    "numpy.set_printoptions": (PROCESS,),
    "numpy.seterr": (PROCESS,),
    "pandas.read_": (FILES, NETWORK),
    "pandas.ExcelWriter": (FILES,),
    "pandas.ExcelFile": (FILES,),
    "pandas.HDFStore": (FILES,),
    "pandas.set_option": (PROCESS,),
    "pandas.reset_option": (PROCESS,),
    "pandas.option_context": (PROCESS,),
    "pandas.plotting": (FIGURES,),
    "polars.read_": (FILES, NETWORK),
    "polars.scan_": (FILES, NETWORK),
    "polars.Config": (PROCESS,),
    "pyarrow.parquet": (FILES,),
    "pyarrow.csv": (FILES,),
    "pyarrow.dataset": (FILES,),
    "pyarrow.feather": (FILES,),
    "scipy.io": (FILES,),
    "scipy.stats": (RANDOM,),
    "scipy.optimize": (RANDOM,),
    "sklearn.datasets.fetch_": (FILES, NETWORK),
    "sklearn.datasets.make_": (RANDOM,),
    "sklearn.datasets": (),
    "sklearn.set_config": (PROCESS,),
    "sklearn.utils.shuffle": (RANDOM,),
    "sklearn.utils.resample": (RANDOM,),
    "sklearn.model_selection.train_test_split": (RANDOM,),
    "sklearn.model_selection.cross_": (RANDOM,),
    "sklearn.model_selection.learning_curve": (RANDOM,),
    "sklearn.model_selection.validation_curve": (RANDOM,),
    "sklearn.inspection": (RANDOM, FIGURES),
    "random.Random": (),
    "random": (RANDOM,),
    "secrets": (RANDOM,),
    "warnings": (PROCESS,),
    "logging": (PROCESS, OUTPUT),
    "locale": (PROCESS,),
    "gc": (),
    "glob": (FILES,),
    "shutil": (FILES,),
    "tempfile": (FILES, RANDOM),
    "os.path.join": (),
    "os.path.basename": (),
    "os.path.dirname": (),
    "os.path.split": (),
    "os.path.normpath": (),
    "os.path": (FILES,),
    "os.environ.get": (PROCESS,),
    "os.getenv": (PROCESS,),
    "os.getcwd": (PROCESS,),
    "os": (FILES, PROCESS),
    "sys": (PROCESS, OUTPUT),
    "pathlib": (),
    "csv": (FILES,),
    "pickle.load": (FILES,),
    "pickle.dump": (FILES,),
    "joblib.load": (FILES,),
    "joblib.dump": (FILES,),
    "json.load": (FILES,),
    "json.dump": (FILES,),
    "requests": (NETWORK,),
    "urllib": (NETWORK, FILES),
    "dsml_magics.profile": (FILES,),
    "dsml_magics.track": (LEDGER,),
    "dsml_magics.runs": (LEDGER,),
    "dsml_magics.compare": (LEDGER,),
    "dsml_magics.models": (LEDGER,),
    "dsml_magics.check": (LEDGER,),
    "dsml_magics.deploy": (LEDGER, FILES),
    "dsml_magics.promote": (LEDGER,),
    "dsml_magics.rollback": (LEDGER,),
    "dsml_magics": (FILES, LEDGER, NETWORK),
    "argparse": (),
    "yaml": (FILES,),
    "mlflow": (FILES, LEDGER, NETWORK),
    "matplotlib.pyplot.savefig": (FIGURES, FILES),
    "matplotlib.pyplot.style": (PROCESS,),
    "matplotlib.style": (PROCESS,),
    "matplotlib.use": (PROCESS,),
    "matplotlib.rc": (PROCESS,),
    "matplotlib.pyplot.rc": (PROCESS,),
    "seaborn.load_dataset": (FILES, NETWORK),
    "seaborn.set": (PROCESS,),
}
CONSUMING_FUNCTIONS = (
    "collections.",
    "functools.reduce",
    "heapq.",
    "itertools.",
    "math.fsum",
    "math.prod",
    "more_itertools.",
    "numpy.fromiter",
    "pandas.DataFrame",
    "pandas.Index",
    "pandas.Series",
    "pandas.concat",
    "polars.DataFrame",
    "polars.Series",
    "polars.concat",
    "statistics.",
)
"""Functions of libraries that use up an iterator they are given."""

READING_TEXT = ("duckdb.", "numexpr.", "pandas.eval", "pandasql.", "patsy.", "polars.sql", "statsmodels.")
"""Functions that find names of the notebook in a text they are given, as in ``duckdb.sql("from df")``."""

READING_TEXT_METHODS = frozenset(("eval", "execute", "query", "sql"))

FRESH = (
    "sklearn.metrics.",
    "sklearn.model_selection.train_test_split",
    "sklearn.model_selection.cross_val_score",
    "math.",
    "numpy.mean",
    "numpy.sum",
    "numpy.std",
    "numpy.var",
    "numpy.min",
    "numpy.max",
    "numpy.median",
    "numpy.zeros",
    "numpy.ones",
    "numpy.arange",
    "numpy.linspace",
    "time.",
    "pandas.read_",
)
"""Functions whose results share nothing with what they are given."""

ONLY_TOUCHING = frozenset(("dsml_magics.track",))
"""Functions that act on something without depending on it."""

# Text, not a file, is what these take although their names begin like one that does.
NOT_TOUCHING = frozenset(("yaml.safe_load", "pickle.loads", "pickle.dumps", "json.loads", "json.dumps"))
CHANGING_ARGUMENTS = frozenset(
    """numpy.put numpy.place numpy.copyto numpy.fill_diagonal numpy.putmask numpy.random.shuffle random.shuffle
    heapq.heappush heapq.heappop heapq.heapify heapq.heappushpop heapq.heapreplace bisect.insort
    bisect.insort_left bisect.insort_right operator.setitem operator.delitem operator.iadd operator.ior""".split()
)

PURE_METHODS = frozenset(
    """abs add agg aggregate align all any apply applymap argmax argmin argsort array as_matrix assign astype
    at_time between bfill bool capitalize casefold cat ceil clip codes columns combine_first compare copy corr
    corrwith count cov cummax cummin cumprod cumsum cut date day day_name dayofweek days decode describe diff
    difference div divide dot dropna drop drop_duplicates dtypes duplicated dt encode endswith eq equals eval
    ewm expanding explode extract factorize ffill fillna filter find findall first first_valid_index flatten
    floor floordiv format from_dict ge get get_dummies get_feature_names_out get_group get_params groupby gt
    head hour iat idxmax idxmin iloc index infer_objects info interpolate intersection isalpha isdigit isin
    islower isna isnull isnumeric isoformat isspace issubset isupper items iterrows itertuples join keys kurt
    kurtosis last le len loc lower lstrip lt map mask match max mean median melt memory_usage merge merge_asof
    min minute mod mode month mul multiply ne ndim nlargest normalize notna notnull nsmallest nunique pad
    pct_change pipe pivot pivot_table pow predict predict_log_proba predict_proba prod product quantile query
    rank ravel rdiv reindex rename rename_axis reorder_levels repeat replace resample reset_index reshape rfind
    rmul rolling round rsplit rsub rstrip score second select_dtypes sem set_axis set_index shape shift size
    skew slice sort_index sort_values split splitlines squeeze stack std startswith str strftime strip sub
    subtract sum swapaxes swaplevel tail take timestamp title to_dict to_frame to_list to_numpy to_period
    to_string to_timestamp tolist total_seconds transform transpose trace tz_convert tz_localize union unique
    unstack upper value_counts values var weekday where with_columns xs year zfill zip decision_function
    inverse_transform staged_predict conj real imag nonzero searchsorted item tobytes select collect lazy
    group_by over alias is_in is_null explain schema height width glimpse n_unique to_pandas from_pandas parse_args parse_known_args
    symmetric_difference isdisjoint issuperset most_common elements bit_length hex as_integer_ratio joinpath
    with_suffix with_name relative_to resolve as_posix absolute parent name stem suffix""".split()
)
"""Methods that return something and change neither their object nor their arguments."""

NO_ITERATOR_METHODS = PURE_METHODS - frozenset(
    ["items", "iterrows", "itertuples", "keys", "values", "map", "zip", "elements"]
)

FITTING_METHODS = frozenset(
    ["fit", "fit_transform", "fit_predict", "partial_fit", "fit_resample", "set_params"]
)
"""Methods that change their object, not their arguments, and may draw random numbers."""

CHANGING_METHODS = frozenset(
    """add add_argument set_defaults append clear difference_update discard extend insert intersection_update move_to_end pop popitem popleft
    remove reverse rotate setdefault sort symmetric_difference_update update appendleft extendleft fill put
    resize setflags itemset sort_values_inplace setattr subtract""".split()
)
"""Methods of containers and arrays that change their object and nothing else."""

RANDOM_METHODS = frozenset(
    """beta binomial bytes chisquare choice choices dirichlet exponential gamma gauss geometric getrandbits gumbel
    hypergeometric integers laplace logistic lognormal multinomial multivariate_normal normal pareto permutation
    permuted poisson power rand randint randn random randrange rayleigh rvs sample seed setstate shuffle
    standard_normal triangular uniform vonmises weibull wald zipf spawn""".split()
)
"""Methods of random generators, which change them; also those of frames that draw rows."""

READING_METHODS = frozenset(("read", "readline", "readlines"))
"""Methods of open files that read: they change where the file is read next."""

LOOKING_METHODS = frozenset("read_bytes read_text exists glob rglob iterdir is_file is_dir stat".split())
"""Methods of paths that read, and change nothing."""

FILE_METHODS = frozenset(
    """close flush mkdir open rename_file rmdir savefig seek sink_csv
    sink_parquet to_clipboard to_csv to_excel to_feather to_hdf to_html to_json to_latex to_markdown to_orc
    to_parquet to_pickle to_sql to_stata to_xml touch truncate unlink write write_bytes write_csv write_excel
    write_image write_html write_json write_parquet write_text writelines writerow writerows
    save save_model load_model export tofile""".split()
)
DRAWING_METHODS = frozenset(
    """annotate area axhline axhspan axvline axvspan axis axvspan bar bar_label barh box boxplot colorbar contour
    contourf density errorbar figure fill_between grid hexbin hist imshow kde legend line pie plot plot_surface
    quiver scatter set_aspect set_axis_off set_ticks set_title set_xlabel set_xlim set_xscale set_xticklabels
    set_xticks set_ylabel set_ylim set_yscale set_yticklabels set_yticks set_zlabel show spines stackplot stem
    step subplots subplots_adjust suptitle text tick_params tight_layout twinx update_layout update_traces
    violinplot vlines hlines autofmt_xdate from_estimator from_predictions map_dataframe draw_on add_subplot gca
    gcf""".split()
)
"""Methods that draw: they change their object, and figures."""

TELLING_METHODS = frozenset(("critical", "debug", "error", "info", "warning"))
"""Methods of loggers and parsers, and of frames, that only tell something."""

FORMATTING_NAMES = frozenset(
    """__repr__ __str__ array2string array_repr array_str ascii format format_map get_option get_printoptions options
    printoptions repr str strftime to_html to_latex to_markdown to_string""".split()
)
"""Functions, methods and attributes whose results may depend on how values are to be shown."""

SHOWING_FUNCTIONS = frozenset(("print", "display", "_timed", "_time_of", "_Captured", "_close_figures"))
"""Functions that show something; among them those a script has in place of magics."""

QUIET_IMPORTS = frozenset(
    "dsml_magics mlflow requests joblib torch tensorflow keras transformers skrub optuna shap yaml".split()
)
"""Modules that change nothing when they are imported, although their functions may."""

READING = (
    "read", "load", "scan", "genfromtxt", "getenv", "getcwd", "exists", "listdir", "scandir", "walk", "glob", "iglob",
    "get", "isfile", "isdir", "stat", "abspath", "realpath", "expanduser", "DictReader", "ExcelFile", "fromregex",
    "memory_map",
)  # fmt: skip
"""How the names of library functions begin that only read what they use."""
