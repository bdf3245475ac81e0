"""How shap's plots name features."""

from reports.charts.canvas import drawable

MUTED = "#5f6773"  # beside TEXT, still legible on the panel

_NAME, _VALUE = 25, 10  # characters


def feature_label(name: str) -> str:
    """Return a name that shap's plots draw as it is, shortened in its middle.

    Names of features often differ at their end only. A dollar sign begins a formula in Matplotlib,
    and shap repeats what follows the last equals sign in black.
    """
    line = drawable(name, 1000) or "(no name)"
    if len(line) > _NAME:
        line = f"{line[: _NAME // 2]}…{line[-(_NAME // 2) :]}"
    return _literal(line)


def value_label(text: str) -> str:
    """Return a value as shap's plots show it beside the name."""
    return _literal(drawable(text, _VALUE))


def _literal(text: str) -> str:
    return text.replace("$", r"\$").replace("=", "\N{MODIFIER LETTER SHORT EQUALS SIGN}")
