from models.migrations.revise import revise
from models.schema import head_revision


def test_the_next_migration_follows_the_last_and_has_nothing_to_do(migrations_copy, capsys):
    last = head_revision()
    revise("add nothing")
    number = f"{int(last) + 1:04}"
    written = (migrations_copy / "versions" / f"{number}_add_nothing.py").read_text()
    assert f"revision = '{number}'\ndown_revision = '{last}'" in written
    assert written.count("    pass\n") == 2
