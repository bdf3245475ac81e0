"""The report of a detection, as a person reads it in the Prefect UI."""

from reports.charts.column_bars import column_bars
from reports.charts.heat_table import heat_table
from reports.charts.histogram import score_histogram
from reports.facts import EXTREME_Z, AnomalyFacts, ColumnFacts, DetectionReport
from reports.markdown import bullets, code_block, escape, image, table
from reports.numbers import NOTHING, counted, duration, number, percent
from reports.sentences import clean_rows_like_it, headline, standing_out, threshold_choice

_TOP = 20
_COLUMNS_SHOWN = 40
_NAMES_SHOWN = 12


def render_detection_report(report: DetectionReport) -> str:
    """Return the report as markdown with its charts inside, at most about 500 kB."""
    sections = [
        f"# {headline(report)}",
        _figures(report),
        *_scores(report),
        *_anomalies(report),
        *_columns(report),
        *_left_out(report),
        *_profile(report),
        *_next_steps(report),
        *_provenance(report),
    ]
    return "\n\n".join(sections) + "\n"


def _figures(report: DetectionReport) -> str:
    figures = {
        "Rows": f"{report.rows_scored:,}",
        "Anomalies": f"{report.n_anomalies:,}",
        "Rate": percent(report.n_anomalies / report.rows_scored),
        "Threshold": number(report.threshold.value),
        "Took": duration(report.seconds),
    }
    if report.truth is not None:
        figures["AUROC"] = f"{report.truth.auroc:.3f}"
        figures["Average precision"] = f"{report.truth.average_precision:.3f}"
        figures["Known anomalies found"] = f"{report.truth.found:,} of {report.truth.known:,}"
    return table(list(figures), [list(figures.values())])


def _scores(report: DetectionReport) -> list[str]:
    threshold = number(report.threshold.value)
    chart = score_histogram(report.histogram, report.threshold.value, report.n_anomalies)
    return [
        "## Scores",
        f"A row is an anomaly when it scores above {threshold}: "
        f"{threshold_choice(report.threshold)}.",
        image(chart, f"Histogram of scores with the threshold at {threshold}"),
    ]


def _anomalies(report: DetectionReport) -> list[str]:
    top = report.anomalies[:_TOP]
    if not top:
        return []
    typical = {c.name: c.typical for c in report.columns if c.typical is not None}
    keys = list(dict.fromkeys(name for anomaly in top for name in anomaly.key))
    labelled = any(anomaly.label is not None for anomaly in top)
    headers = ["#", *map(escape, keys or ["Row"]), "Score", "Clean rows like it"]
    headers += [*(["Known"] if labelled else []), "Values that stand out"]
    rows = [
        [
            str(anomaly.rank),
            *([escape(anomaly.key.get(name, "")) for name in keys] or [f"{anomaly.row:,}"]),
            number(anomaly.score),
            clean_rows_like_it(anomaly.p_value, report.threshold.clean_rows),
            *([_known(anomaly.label)] if labelled else []),
            standing_out(anomaly.values, typical),
        ]
        for anomaly in top
    ]
    title = "Anomalies" if report.n_anomalies <= _TOP else f"The {_TOP} strongest anomalies"
    sections = [f"## {title}", table(headers, rows, numeric=[0])]
    if any(anomaly.values for anomaly in top):
        sections.append(_heat(top))
    return sections


def _known(label: bool | None) -> str:
    return {True: "yes", False: "no", None: NOTHING}[label]


def _heat(top: tuple[AnomalyFacts, ...]) -> str:
    z = [{value.column: value.z for value in anomaly.values} for anomaly in top]
    strength: dict[str, float] = {}
    for row in z:
        for column, value in row.items():
            strength[column] = strength.get(column, 0.0) + min(abs(value), 2 * EXTREME_Z)
    columns = sorted(strength, key=lambda column: -strength[column])[:_NAMES_SHOWN]
    chart = heat_table(
        [f"#{anomaly.rank}" for anomaly in top],
        columns,
        [[row.get(column) for column in columns] for row in z],
    )
    return image(chart, "Robust z-scores of the strongest anomalies in the columns that stand out")


def _columns(report: DetectionReport) -> list[str]:
    watched = [column for column in report.columns if column.watched]
    if not watched:
        return []
    ranked = sorted(watched, key=lambda column: (-column.extreme_anomalies, -column.missing))
    shown = ranked[:_COLUMNS_SHOWN]
    rows = [_column_row(column, report) for column in shown]
    headers = ["Column", "Type", "Missing", "Median", "Typical", "Min to max", "Extreme anomalies"]
    sections = ["## Columns"]
    driving = [c for c in ranked if c.extreme_anomalies][:_NAMES_SHOWN]
    if driving:
        chart = column_bars(
            [c.name for c in driving], [c.extreme_anomalies for c in driving], report.n_anomalies
        )
        sections.append(image(chart, "Anomalies with an extreme value, by column"))
    sections.append(table(headers, rows))
    if len(ranked) > len(shown):
        sections.append(f"And {counted(len(ranked) - len(shown), 'more column')}.")
    return sections


def _column_row(column: ColumnFacts, report: DetectionReport) -> list[str]:
    low, high = column.typical or (None, None)
    return [
        escape(column.name),
        escape(column.dtype),
        percent(column.missing / report.rows_read),
        number(column.median),
        f"{number(low)} to {number(high)}",
        f"{number(column.minimum)} to {number(column.maximum)}",
        f"{column.extreme_anomalies:,}",
    ]


def _left_out(report: DetectionReport) -> list[str]:
    if not report.left_out:
        return []
    by_reason: dict[str, list[str]] = {}
    for name, reason in report.left_out.items():
        by_reason.setdefault(reason, []).append(name)
    lines = [f"{_names(names)}: {escape(reason)}" for reason, names in by_reason.items()]
    return [f"## {counted(len(report.left_out), 'column')} left out", bullets(lines[:20])]


def _names(names: list[str]) -> str:
    shown = ", ".join(f"**{escape(name)}**" for name in names[:_NAMES_SHOWN])
    more = len(names) - _NAMES_SHOWN
    return f"{shown} and {more:,} more" if more > 0 else shown


def _profile(report: DetectionReport) -> list[str]:
    dtypes: dict[str, int] = {}
    for column in report.columns:
        dtypes[column.dtype] = dtypes.get(column.dtype, 0) + 1
    constant = [column.name for column in report.columns if column.constant]
    lines = [
        f"{counted(report.rows_read, 'row')}, {counted(len(report.columns), 'column')}: "
        + ", ".join(f"{count:,} {escape(dtype)}" for dtype, count in dtypes.items()),
        f"{counted(sum(c.missing for c in report.columns), 'missing value')}, "
        f"{counted(sum(c.infinite for c in report.columns), 'infinite value')}",
    ]
    if report.rows_scored < report.rows_read:
        lines.append(f"{counted(report.rows_read - report.rows_scored, 'row')} dropped")
    if constant:
        lines.append(f"one value only: {_names(constant)}")
    lines += [f"**{escape(c.name)}**: {escape(c.note)}" for c in report.columns if c.note][:20]
    return ["## Data", bullets(lines)]


def _next_steps(report: DetectionReport) -> list[str]:
    commands = [
        ("run it again", report.commands.rerun),
        ("read every anomaly", report.commands.show),
        ("explain them", report.commands.explain),
    ]
    width = max(len(line) for _, line in commands if line)
    lines = "\n".join(f"{line:<{width}}  # {purpose}" for purpose, line in commands if line)
    return ["## Next", code_block(lines, "shell")]


def _provenance(report: DetectionReport) -> list[str]:
    origin = report.provenance
    facts = {
        "Detection": escape(origin.detection_id),
        "Started": escape(f"{origin.started:%Y-%m-%d %H:%M:%S %Z}"),
        "Seed": str(origin.seed),
        "Fitted on": "all rows" if origin.sample_size is None else f"{origin.sample_size:,} rows",
        "Parameters": ", ".join(f"{escape(k)} {escape(v)}" for k, v in origin.parameters.items()),
        "Data fingerprint": escape(origin.fingerprint),
        "Versions": ", ".join(f"{escape(k)} {escape(v)}" for k, v in origin.versions.items()),
    }
    return ["## Origin", table(["", ""], [[name, fact] for name, fact in facts.items()])]
