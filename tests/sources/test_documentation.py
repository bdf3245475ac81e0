import re
from pathlib import Path

import pytest

from sources.config import CONFIGS
from sources.definition import load_sources_file

PAGE = (Path(__file__).parents[2] / "docs" / "sources.md").read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_of_the_page_is_a_valid_file(example, tmp_path):
    path = tmp_path / "sources.yaml"
    path.write_text(example, "utf-8")
    assert load_sources_file(path)


def test_the_page_names_every_kind_and_every_field():
    for kind, config in CONFIGS.items():
        assert f"kind: {kind}" in PAGE
        for name in config.model_fields:
            assert name in PAGE, f"{kind}: {name}"
