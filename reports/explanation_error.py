"""The report of anomalies that could not be explained, as a person reads it in the Prefect UI."""

from reports.markdown import code_span, escape
from reports.sections.origin import command_block


def render_explanation_error(source: str, detection_id: str, reason: str) -> str:
    """Return why the anomalies of a detection are not explained, and what to do, as markdown.

    Args:
        source: name of the source.
        detection_id: in Vigil's database.
        reason: what went wrong.
    """
    steps = {
        "Try again": f"vigil explain {detection_id}",
        "What was found": f"vigil detections show {detection_id}",
    }
    sections = [
        f"# The anomalies of {code_span(source)} are not explained",
        f"They could not be: {escape(reason, 2000)}",
        "The detection itself is complete.",
        "## What next",
        command_block(steps),
    ]
    return "\n\n".join(sections) + "\n"
