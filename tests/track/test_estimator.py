"""Which estimators a block fitted, and what they were given."""

from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dsml_magics.track.estimator import fitted_state, parameters_of, was_fitted

X, Y = [[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1]


def test_fitting_again_is_seen():
    model = LogisticRegression().fit(X, Y)
    before = fitted_state(model)
    assert not was_fitted(before, fitted_state(model))
    assert was_fitted(before, fitted_state(model.fit(X, [1, 1, 0, 0])))


def test_fitting_inside_a_pipeline_is_seen():
    model = make_pipeline(StandardScaler(), LogisticRegression())
    assert not was_fitted(None, fitted_state(model))
    assert was_fitted(fitted_state(model), fitted_state(model.fit(X, Y)))


def test_only_parameters_that_were_given_are_listed():
    assert parameters_of(LogisticRegression(C=2.0))[0] == {"C": "2.0"}


def test_a_default_that_the_code_names_is_listed_too():
    given, left = parameters_of(LogisticRegression(), {("LogisticRegression", "C")})
    assert given == {"C": "1.0"}
    assert "max_iter" in left
    assert "C" not in left


def test_parameters_of_inner_estimators_are_listed_by_their_path():
    search = GridSearchCV(
        make_pipeline(StandardScaler(), LogisticRegression(max_iter=50)), {"logisticregression__C": [1]}, cv=2
    )
    assert parameters_of(search)[0] == {
        "cv": "2",
        "estimator__logisticregression__max_iter": "50",
        "param_grid": "{'logisticregression__C': [1]}",
    }
