"""The plan of a pipeline answers as the pipeline does, bit for bit, whatever the pipeline and the rows; or there is none."""

import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    StackingClassifier,
)
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)
from sklearn.tree import DecisionTreeClassifier

from dsml_magics.deploy.subject import subject_of
from dsml_magics.package.answering import Answerer
from dsml_magics.package.compiled.compiling import compiled
from dsml_magics.package.compiled.part import Lookup, Numbers
from dsml_magics.package.compiled.refusal import Uncompiled
from dsml_magics.package.learning import contract_of_table
from dsml_magics.package.reading import values_of
from dsml_magics.package.scorer import Bare, Scorer
from dsml_magics.profile.measure import columns_of
from dsml_magics.profile.value import Profile

pytestmark = pytest.mark.slow

RNG = np.random.default_rng(0)
ROWS = 300
NUMBERS = ["age", "hours", "gain"]
TEXTS = ["job", "city"]
X = pd.DataFrame(
    {
        "age": RNG.integers(17, 90, ROWS),
        "job": RNG.choice(["clerk", "smith", "cook", "pilot"], ROWS, p=[0.5, 0.3, 0.15, 0.05]),
        "hours": RNG.normal(40, 9, ROWS),
        "city": RNG.choice(["Oslo", "Łódź", "서울"], ROWS),
        "gain": np.where(RNG.random(ROWS) < 0.2, np.nan, RNG.exponential(900, ROWS)),
        "member": RNG.random(ROWS) < 0.5,
    }
)
X.loc[RNG.random(ROWS) < 0.1, "city"] = None
Y = (X.age + 10 * (X.job == "clerk") + RNG.normal(0, 9, ROWS) > 55).to_numpy()


def contract_of(model, frame):
    table = pa.Table.from_pandas(frame, preserve_index=False)
    columns = columns_of(Profile.of(table).require_state())
    contract = contract_of_table(table, columns, known=subject_of(model, frame).framework.known)
    for rule in contract.columns:
        # What is odd is answered, so that the plan is asked for it too.
        contract = contract.changed(rule.name, policy="warn", nullable=True)
    return contract, table


def scorer_of(model, contract):
    return Scorer(Bare(model), contract, "here")


def same(ours, theirs):
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.dtype == theirs.dtype
    np.testing.assert_array_equal(ours, theirs)


def assert_equal_everywhere(model, frame=X, odd=()):
    """Hold the plan of a fitted model against the model: all rows, single rows, and odd values."""
    contract, table = contract_of(model, frame)
    scorer, plan = scorer_of(model, contract), compiled(model, contract)
    with_plan, plain = Answerer(scorer, plan), Answerer(scorer)
    columns = [values_of(table.column(name)) for name in contract.names]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        same(plan.answer(columns, len(frame)), plain.answer(columns, len(frame)).predictions)
    for at in range(10):
        row = [[values[at]] for values in columns]
        same(with_plan.answer(row, 1).predictions, plain.answer(row, 1).predictions)
    for name, value in odd:
        row = [
            [value if name == rule else values[0]]
            for rule, values in zip(contract.names, columns, strict=True)
        ]
        outcomes = [outcome(answerer, row) for answerer in (with_plan, plain)]
        assert type(outcomes[0]) is type(outcomes[1])
        if not isinstance(outcomes[0], Exception):
            same(*outcomes)
    return plan


def outcome(answerer, row):
    try:
        return answerer.answer(row, 1).predictions
    except Exception as error:  # noqa: BLE001  it is compared
        return error


ODD = [
    ("job", "no such job"),
    ("job", None),
    ("job", ""),
    ("city", None),
    ("city", "oslo"),
    ("age", None),
    ("age", -5),
    ("age", 30.0),
    ("age", "41"),
    ("age", 2**70),
    ("hours", 0),
    ("hours", 1e300),
    ("hours", None),
    ("hours", float("inf")),
    ("gain", float("-inf")),
    ("gain", -1.0),
    ("member", None),
    ("member", True),
]


@st.composite
def pipelines(draw):
    """Any pipeline of the common preprocessors and an estimator."""
    encoder = draw(
        st.sampled_from(
            [
                lambda: OneHotEncoder(handle_unknown="ignore", sparse_output=False),
                lambda: OneHotEncoder(handle_unknown="ignore"),
                lambda: OneHotEncoder(handle_unknown="ignore", drop="first"),
                lambda: OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=30),
                lambda: OneHotEncoder(),
                lambda: OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
                lambda: OrdinalEncoder(
                    handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2
                ),
                lambda: make_pipeline(
                    SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")
                ),
                lambda: make_pipeline(
                    SimpleImputer(strategy="constant", fill_value="?"), OneHotEncoder(handle_unknown="ignore")
                ),
                lambda: make_pipeline(
                    OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
                    SimpleImputer(),
                    StandardScaler(),
                ),
                lambda: TargetEncoder(random_state=0),
            ]
        )
    )()
    number = draw(
        st.lists(
            st.sampled_from(
                [
                    StandardScaler,
                    MinMaxScaler,
                    lambda: MinMaxScaler(clip=True),
                    MaxAbsScaler,
                    RobustScaler,
                    lambda: StandardScaler(with_mean=False),
                    lambda: KBinsDiscretizer(4, encode="ordinal", quantile_method="averaged_inverted_cdf"),
                    lambda: KBinsDiscretizer(3, quantile_method="averaged_inverted_cdf"),
                    lambda: QuantileTransformer(n_quantiles=20),
                    PowerTransformer,
                    lambda: FunctionTransformer(np.tanh),
                    lambda: FunctionTransformer(np.cbrt, feature_names_out="one-to-one"),
                    lambda: SimpleImputer(add_indicator=True),
                ]
            ),
            max_size=2,
        )
    )
    imputer = SimpleImputer(strategy=draw(st.sampled_from(["mean", "median", "most_frequent"])))
    numbers = make_pipeline(imputer, *(make() for make in number))
    chosen = draw(st.sampled_from([NUMBERS, make_column_selector(dtype_include="number"), [0, 2, 4]]))
    rest = draw(st.sampled_from(["drop", "passthrough"]))
    parts = [("text", encoder, TEXTS), ("number", numbers, chosen)]
    head = ColumnTransformer(
        parts if draw(st.booleans()) else parts[::-1],
        remainder=rest,
        sparse_threshold=draw(st.sampled_from([0.0, 0.3, 1.0])),
    )
    tail = draw(st.sampled_from([[], [lambda: StandardScaler(with_mean=False)], [MaxAbsScaler]]))
    estimator = draw(
        st.sampled_from(
            [
                lambda: LogisticRegression(max_iter=20),
                lambda: DecisionTreeClassifier(max_depth=4, random_state=0),
                lambda: RandomForestClassifier(5, n_jobs=2, random_state=0),
                lambda: SGDClassifier(random_state=0),
                lambda: Ridge(),
                lambda: KMeans(3, n_init=1, random_state=0),
            ]
        )
    )()
    return make_pipeline(head, *(make() for make in tail), estimator)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(pipelines())
def test_a_plan_answers_as_its_pipeline_does(pipeline):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pipeline.fit(X, Y)
        except (ValueError, TypeError, IndexError):
            # Such as gaps that reach an estimator that takes none, or a column of one value that is cut into bins.
            assume(False)
    assert_equal_everywhere(pipeline, odd=ODD)


TWO = ColumnTransformer(
    [("c", OneHotEncoder(handle_unknown="ignore", sparse_output=False), TEXTS)], remainder="passthrough"
)
FILLED = X.assign(gain=X.gain.fillna(0))


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(TWO, HistGradientBoostingClassifier(max_iter=5)),
        make_pipeline(TWO, SimpleImputer(), PCA(3), GaussianNB()),
        make_pipeline(TWO, SimpleImputer(), SelectKBest(k=4), KNeighborsClassifier(3)),
        make_pipeline(TWO, SimpleImputer(), GradientBoostingClassifier(n_estimators=5)),
        make_pipeline(TWO, SimpleImputer(), ExtraTreesClassifier(5)),
        make_pipeline(
            make_pipeline(TWO), make_pipeline(SimpleImputer(), StandardScaler()), LogisticRegression()
        ),
        GridSearchCV(
            make_pipeline(TWO, SimpleImputer(), LogisticRegression()), {"logisticregression__C": [0.1, 1]}
        ),
        make_pipeline(
            ColumnTransformer(
                [
                    (
                        "inner",
                        ColumnTransformer([("c", OneHotEncoder(handle_unknown="ignore"), TEXTS)]),
                        [*TEXTS, "age"],
                    ),
                    ("n", SimpleImputer(), ["gain", "hours"]),
                ]
            ),
            LogisticRegression(),
        ),
        make_pipeline(
            ColumnTransformer(
                [
                    ("c", OneHotEncoder(handle_unknown="ignore", sparse_output=False), TEXTS),
                    ("n", SimpleImputer(), NUMBERS),
                ]
            ).set_output(transform="pandas"),
            StackingClassifier([("a", LogisticRegression()), ("b", DecisionTreeClassifier(random_state=0))]),
        ),
    ],
    ids=lambda model: str(model)[:40],
)
def test_everyday_pipelines_are_compiled(model):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, Y)
    plan = assert_equal_everywhere(model, odd=ODD)
    assert any(isinstance(part, Lookup) for part in plan.parts)


@pytest.mark.parametrize("outcome", ["two", "three", "number", "count"])
@pytest.mark.parametrize("leaves", [2, 31, 64, None])
def test_boosted_trees_are_masks_of_leaves(outcome, leaves):
    how = {"max_iter": 20, "max_leaf_nodes": leaves, "min_samples_leaf": 1, "random_state": 0}
    if outcome in ("two", "three"):
        target = Y if outcome == "two" else np.digitize(X.age, [35, 60]).astype(str)
        estimator = HistGradientBoostingClassifier(**how)
    else:
        target = X.age * 1.5 + (X.job == "clerk")
        estimator = HistGradientBoostingRegressor(
            loss="poisson" if outcome == "count" else "squared_error", **how
        )
    model = make_pipeline(TWO, estimator).fit(X, target)
    plan = assert_equal_everywhere(model, odd=ODD)
    most = max(int(tree.nodes["is_leaf"].sum()) for trees in model[-1]._predictors for tree in trees)
    assert (plan.direct is not None) is (most <= 64)
    assert most > 64 or leaves is not None or outcome != "number"
    scaled = make_pipeline(
        ColumnTransformer([("c", TWO.transformers[0][1], TEXTS), ("n", StandardScaler(), NUMBERS)]), estimator
    ).fit(X, target)
    assert_equal_everywhere(scaled, odd=ODD)


def test_the_ends_of_thresholds_go_the_same_way():
    """Values right at, below and above each threshold of every tree."""
    frame = X[NUMBERS]
    model = HistGradientBoostingClassifier(max_iter=10).fit(frame, Y)
    contract, _ = contract_of(model, frame)
    plan = compiled(model, contract)
    marks = {float(node["num_threshold"]) for (tree,) in model._predictors for node in tree.nodes}
    values = sorted(
        {near for mark in marks for near in (mark, np.nextafter(mark, -np.inf), np.nextafter(mark, np.inf))}
    )
    values = [value for value in values if np.isfinite(value)]
    for at in range(3):
        columns = [[None] * len(values) if place != at else values for place in range(3)]
        expected = model.predict(pd.DataFrame(dict(zip(NUMBERS, columns, strict=True)), dtype=float))
        same(plan.answer(columns, len(values)), expected)
        single = [
            plan.answer([[column[row]] for column in columns], 1)[0] for row in range(0, len(values), 7)
        ]
        assert single == expected[::7].tolist()


def test_a_model_of_numbers_needs_no_pipeline():
    frame = X[NUMBERS]
    plan = assert_equal_everywhere(HistGradientBoostingClassifier(max_iter=5).fit(frame, Y), frame)
    assert [type(part) for part in plan.parts] == [Numbers]


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (
            make_pipeline(FunctionTransformer(lambda frame: frame[NUMBERS].fillna(0)), LogisticRegression()),
            "FunctionTransformer",
        ),
        (HistGradientBoostingClassifier(max_iter=5, categorical_features="from_dtype"), "categorical"),
    ],
    ids=["a function", "categories"],
)
def test_what_cannot_be_compiled_says_why(model, said):
    frame = X.astype(dict.fromkeys(TEXTS, "category")) if "Hist" in str(model) else X
    model.fit(frame, Y)
    table = pa.Table.from_pandas(frame, preserve_index=False)
    fixed = {name: ["a"] for name in TEXTS} if "Hist" in str(model) else {}
    contract = contract_of_table(table, columns_of(Profile.of(table).require_state()), fixed=fixed)
    with pytest.raises(Uncompiled, match=said):
        compiled(model, contract)
