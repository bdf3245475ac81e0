"""Give a caller by API the alerts of the points that it handed over."""

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from reports.numbers import counted
from tasks.artifact_key import artifact_key
from tasks.streams.push_points import PushResult


@task(cache_policy=NO_CACHE)
def publish_push(name: str, result: PushResult) -> str:
    """Publish the alerts as a table, the artifact ``push-<stream>`` of the flow run.

    Args:
        name: of the stream.
        result: what followed from the points.

    Returns:
        How many points were scored and how many alerts there are, in a sentence.
    """
    again = f", {result.known:,} known before" if result.known else ""
    alerts = counted(len(result.alerts), "alert")
    message = f"{name}: {counted(result.scored, 'point')} scored{again}, {alerts}"
    table = [
        {
            "id": str(alert.id),
            "key": alert.key,
            "sequence": alert.sequence,
            "score": alert.score,
            "threshold": alert.threshold,
            "incident": alert.incident,
        }
        for alert in result.alerts
    ]
    create_table_artifact(table, key=artifact_key("push", name), description=message)
    return message
