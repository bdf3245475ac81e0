from docs.reference import PAGE, reference
from settings import Settings


def test_the_page_is_what_the_code_says():
    advice = "settings or commands have changed: run `make reference`, and commit docs/reference.md"
    assert PAGE.read_text("utf-8") == reference(), advice


def test_every_setting_says_what_it_is():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
