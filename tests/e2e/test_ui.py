"""The Prefect UI in headless Chromium: run forms, and a report with its chart."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright

from detectors.registry import algorithms
from tests.e2e.stack import ROOT, program

WIDTH, HEIGHT = 1440, 1000
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)


@pytest.fixture(scope="module")
def page(stack, tmp_path_factory) -> Iterator[Page]:
    chromium = program("chromium")
    expect.set_options(timeout=120_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("chromium"),
            executable_path=chromium,
            args=FLAGS.split(),
            viewport={"width": WIDTH, "height": HEIGHT},
        )
        yield browser.pages[0]
        browser.close()


def take_screenshot(page: Page, name: str) -> None:
    """Keep a picture of all of the page."""
    height = page.evaluate(
        "Math.max(...Array.from(document.querySelectorAll('*'), one => one.scrollHeight))"
    )
    page.set_viewport_size({"width": WIDTH, "height": height})
    page.screenshot(path=ROOT / "build" / "screenshots" / f"{name}.png")
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})


def open_form(page: Page, stack, name: str) -> None:
    page.goto(f"{stack.url}/v2/deployments/deployment/{stack.deployment(name)['id']}/run")
    expect(page.get_by_role("heading", name="Parameters")).to_be_visible()


def tabs_of_detectors(page: Page) -> Locator:
    first = page.get_by_role("tab", name="Isolation forest")
    return page.get_by_role("tablist").filter(has=first)


def test_the_address_leads_to_the_ui_that_has_the_tabs(page, stack):
    page.goto(stack.url)
    page.wait_for_url("**/v2/**")


def test_the_form_of_detect_shows_each_detector_as_a_tab_with_its_fields(page, stack):
    open_form(page, stack, "detect")
    tabs = tabs_of_detectors(page)
    expect(tabs.get_by_role("tab")).to_have_count(len(algorithms()))
    for algorithm in reversed(algorithms()):
        tabs.get_by_role("tab").nth(algorithms().index(algorithm)).click()
        expect(page.get_by_label("Algorithm")).to_have_value(algorithm.name)
        for parameter in algorithm.parameters:
            expect(page.get_by_text(parameter.label, exact=False).first).to_be_visible()
    last = tabs.get_by_role("tab").last.bounding_box()
    assert last is not None
    assert last["x"] + last["width"] < WIDTH
    take_screenshot(page, "form-of-detect")


def test_the_form_of_batch_shows_every_parameter(page, stack):
    open_form(page, stack, "batch")
    for name in stack.deployment("batch")["parameter_openapi_schema"]["properties"]:
        expect(page.get_by_text(re.compile(rf"^{name}( \(Optional\))?$")).first).to_be_visible()
    take_screenshot(page, "form-of-batch")


def test_the_form_of_compare_shows_tabs_for_each_of_its_detectors(page, stack):
    open_form(page, stack, "compare")
    expect(tabs_of_detectors(page)).to_have_count(3)
    page.get_by_role("button", name="Add item").first.click()
    expect(tabs_of_detectors(page)).to_have_count(4)
    take_screenshot(page, "form-of-compare")


def test_a_run_begun_in_the_form_ends_in_a_report_with_its_chart(page, stack):
    open_form(page, stack, "detect")
    page.get_by_label("source").fill("orders")
    tabs_of_detectors(page).get_by_role("tab", name="LOF", exact=True).click()
    expect(page.get_by_label("Algorithm")).to_have_value("lof")
    with page.expect_response("**/create_flow_run") as created:
        page.get_by_role("button", name="Submit").click()
    run = created.value.json()
    assert run["parameters"]["detector"] == {"algorithm": "lof", "n_neighbors": 20}
    assert stack.wait_for_end(run["id"])["type"] == "COMPLETED"
    report = stack.artifact(run["id"], "detection-orders")
    page.goto(f"{stack.url}/v2/artifacts/artifact/{report['id']}")
    chart = page.locator("img[src^='data:image/png']").first
    expect(chart).to_be_visible()
    assert chart.evaluate("image => image.naturalWidth") > 300
    take_screenshot(page, "report-of-detect")
