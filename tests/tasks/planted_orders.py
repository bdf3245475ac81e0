"""A table of orders with planted anomalies, detections of it, and what is stored of them."""

from uuid import UUID

import numpy as np
import pandas as pd
from prefect.logging import disable_run_logger

from detectors.threshold import Contamination
from models.queries.explanations import list_explanations
from models.queries.runs import create_detections
from models.queries.sources import add_source, get_source
from models.session import session_scope
from models.tables.source import SourceDefinition
from tasks.database import open_engine, utc_now
from tasks.detect_source import detect_source
from tasks.detection_request import DetectionRequest

N_ROWS = 300
PLANTED = {17: "amount", 230: "items", 291: "amount"}
# Labels six rows.
SHARE = Contamination(share=0.02)


def run_step(step, *arguments):
    """Run what a task does without Prefect around it, which takes most of a flow's time."""
    with disable_run_logger():
        return step.fn(*arguments)


def plant_orders(folder):
    """Write and register 300 orders, of which three are planted; return them."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "id": [f"order-{i}" for i in range(N_ROWS)],
            "amount": random.normal(50, 5, N_ROWS),
            "items": random.normal(10, 2, N_ROWS),
            "city": random.choice(["Bonn", "Köln", "Ulm"], N_ROWS, p=[0.5, 0.45, 0.05]),
        }
    )
    frame.loc[17, "amount"] = 500.0
    frame.loc[230, "items"] = 90.0
    frame.loc[291, "amount"] = -300.0
    write_orders(frame, folder)
    roles = {"key_columns": ["id"], "columns": ["amount", "items", "city"]}
    register_orders("orders", folder, **roles)
    return frame


def write_orders(frame, folder):
    frame.to_csv(folder / "orders.csv", index=False)


def register_orders(name, folder, **roles):
    config = {"path": str(folder / "orders.csv")}
    definition = SourceDefinition(name=name, kind="csv", config=config, **roles)
    with session_scope(open_engine()) as session:
        add_source(session, definition, utc_now())


def detect_orders(config, source="orders", **changes):
    """Run a detection without drawing its report; return its id."""
    defaults = {"threshold": SHARE, "columns": None, "sample_size": None, "missing": "impute"}
    request = DetectionRequest(detector=config, seed=0, **(defaults | changes))
    with session_scope(open_engine()) as session:
        stored = request.stored(get_source(session, source).id, None)
        [detection] = create_detections(session, [stored], utc_now())
    run_step(detect_source, detection.id, source)
    return str(detection.id)


def explanations_of(detection_id):
    """Return what is stored of a detection's explained rows, by row."""
    with session_scope(open_engine(), writes=False) as session:
        found = list_explanations(session, UUID(str(detection_id)), limit=1000).items
    return {one.row_index: one for one in found}


def total(explanation):
    """Return what base, contributions and residual add up to."""
    shares = sum(one["contribution"] for one in explanation.contributions)
    return explanation.base + shares + explanation.residual


def strongest(explanation):
    """Return the largest contribution towards anomalous."""
    return max(explanation.contributions, key=lambda one: one["contribution"])
