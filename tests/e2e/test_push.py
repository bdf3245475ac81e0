"""Points pushed through the deployment, as docs/streams.md has it."""

import json
import sys

from tests.e2e.stack import ROOT, code_blocks


def test_the_snippet_of_the_guide_pushes_and_reads_what_was_raised(stack, tmp_path):
    [snippet] = [
        block
        for block in code_blocks(ROOT / "docs" / "streams.md", "python")
        if "run_deployment" in block
    ]
    stack.vigil("streams", "create", "edge", "--algorithm", "rolling_zscore")
    rows = tmp_path / "points.jsonl"
    rows.write_text("\n".join(json.dumps({"cpu": 40 + i % 5, "memory": 7}) for i in range(200)))
    stack.vigil("push", "edge", "--file", str(rows))
    said = stack.run([sys.executable, "-c", snippet]).splitlines()
    assert said[-2:] == ["2 points scored, 1 alert", "row m-3 100.0"]
    # Asking again scores nothing, and gets the same answer.
    again = stack.run([sys.executable, "-c", snippet]).splitlines()
    assert again[-2:] == ["0 points scored, 2 known before, 1 alert", "row m-3 100.0"]
    [alert] = json.loads(stack.vigil("streams", "alerts", "edge", "--json"))["items"]
    assert alert["row_key"] == "m-3"
