"""Personal data, which laws protect (GDPR; Korea's PIPA)."""

from collections.abc import Iterator

from dsml_magics.profile.figures import Figures, Insight, Severity
from dsml_magics.profile.insight.mend import drop
from dsml_magics.profile.settings import Settings
from dsml_magics.profile.threshold import limit

_GRAVE = ("card", "iban", "resident_number", "ssn")
"""What others can do harm with at once."""


def personal(figures: Figures, settings: Settings) -> Iterator[Insight]:
    """Columns of values that name or reach persons: ``personal_email``, ``personal_card`` and the like.

    No value is shown.
    """
    least = limit(settings, "personal")
    for column in figures.columns.values():
        for kind, found in column.personal:
            if found >= least:
                severity: Severity = "high" if kind in _GRAVE else "medium"
                examined = column.text.examined if column.text else min(column.distinct, 2000)
                evidence = {"share": found, "examined": examined}
                yield Insight(f"personal_{kind}", column.name, severity, evidence, *drop(column.name))
