"""What a Prefect server is told that Vigil starts, unless the environment says otherwise."""

SERVER_SETTINGS = {
    # A first run would print a long "database is locked" otherwise.
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    # States of task runs are written fifty at once, or after a second: one by one they cost a third
    # of the time of a batch of small sources. A server that is killed loses that second of them.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "50",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "50",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
}
