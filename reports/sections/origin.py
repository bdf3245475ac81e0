"""How to go on from a result, and where it comes from."""

from collections.abc import Mapping

from reports.facts import DetectionReport
from reports.markdown import bullets, code_block, code_span, escape, plain


def origin_sections(report: DetectionReport) -> list[str]:
    """Return the commands to type next, and what it takes to have the result again."""
    commands = report.commands
    steps = {
        "Every anomaly, with its values": commands.show,
        "Why these rows": commands.explain,
        "The same detection again": commands.rerun,
    }
    origin = report.provenance
    started = f"{origin.started:%Y-%m-%d %H:%M:%S %Z}"
    facts = [
        f"Detection {code_span(origin.detection_id)}, started {started}",
        f"Fitted on {_fitted_on(report)}, seed {origin.seed}, data fingerprint "
        f"{code_span(origin.fingerprint)}",
        *_reading(report),
        f"Parameters: {pairs(origin.parameters)}",
        *(escape(sentence) for sentence in origin.adjusted),
        f"Versions: {pairs(origin.versions)}",
    ]
    return ["## What next", command_block(steps), "## Origin", bullets(facts)]


def _fitted_on(report: DetectionReport) -> str:
    size = report.provenance.sample_size
    return "all rows" if size is None else f"{size:,} of {report.rows_read:,} rows"


def _reading(report: DetectionReport) -> list[str]:
    """Say what is not exact of a table larger than memory."""
    rows = report.provenance.chunk_rows
    if rows is None:
        return []
    return [
        f"Read in chunks of {rows:,} rows: medians and typical ranges with a ≈ are those of the "
        "sampled rows"
    ]


def command_block(steps: Mapping[str, str | None]) -> str:
    """Return command lines by what they are for, those that exist, as a block of code."""
    lines = [
        f"# {purpose}\n{plain(line, 2000)}" for purpose, line in steps.items() if line is not None
    ]
    return code_block("\n".join(lines), "shell")


def pairs(values: Mapping[str, object]) -> str:
    """Return names with their values, in a line of markdown."""
    return ", ".join(f"{escape(name)} {escape(value)}" for name, value in values.items())
