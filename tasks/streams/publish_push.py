"""Show in the Prefect UI, and tell a caller of the API, what points raised."""

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from pydantic import TypeAdapter

from reports.markdown import code_span
from reports.numbers import counted
from tasks.artifact_key import artifact_key
from tasks.streams.push_points import PushResult

_RESULT = TypeAdapter(PushResult)


@task(cache_policy=NO_CACHE)
def publish_push(name: str, result: PushResult) -> str:
    """Write the result as JSON into the artifact ``push-<stream>``, and return its headline."""
    headline = push_headline(result)
    create_markdown_artifact(
        f"{headline} in {code_span(name)}.\n\n```json\n{_json(result)}\n```\n",
        key=artifact_key("push", name),
        description=f"{name}: {headline}",
    )
    return headline


def push_headline(result: PushResult) -> str:
    """Say how many points were scored, and how many alerts there are."""
    skipped = f", {result.skipped:,} skipped without a value" if result.skipped else ""
    known = f", {result.known:,} known before" if result.known else ""
    return (
        f"{counted(result.scored, 'point')} scored{skipped}{known}, "
        f"{counted(len(result.alerts), 'alert')}"
    )


def _json(result: PushResult) -> str:
    # Keys are text of the caller: no backtick of theirs ends the block.
    return _RESULT.dump_json(result, indent=2).decode().replace("`", "\\u0060")
