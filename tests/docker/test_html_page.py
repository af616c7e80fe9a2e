"""The HTML report as Chromium shows it: without an error, without a barrier, and by keyboard."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator

import pytest

from runner.model.expectation import Stream
from runner.model.observation import LogText
from runner.model.result import CaseResult
from runner.report import html
from tests.support.chromium import AXE, Browser, browser
from tests.support.results import ERRORED, FAILED, FLAKY, PASSED, named, run_of
from tests.support.timelines import recorded

pytestmark = pytest.mark.docker

ATTACK = "<img src=x onerror=\"throw new Error('run')\"><script>throw new Error('run')</script>"
SHOWN = "[...document.querySelectorAll('#cases [data-case]')].filter((one) => !one.hidden)"
NAMES = f"{SHOWN}.map((one) => one.dataset.case).join()"
VIEW = "!document.getElementById('view').hidden"
OVERVIEW = "!document.getElementById('overview').hidden"


def _rows() -> Iterator[CaseResult]:
    for number, signal in enumerate(("SIGHUP", "SIGTERM")):
        row = {"signal": signal}
        one = named(PASSED, f"row {number}", row=row)
        yield dataclasses.replace(one, case=dataclasses.replace(one.case, scenario="a matrix"))


SMALL = run_of(
    PASSED,
    named(FAILED, f"fails {ATTACK}", tags=("stop",)),
    ERRORED,
    FLAKY,
    *_rows(),
    named(recorded("zombies of orphans"), "zombies of orphans"),
    dataclasses.replace(
        named(PASSED, "prints markup"),
        timeline=(*PASSED.timeline, LogText(10**9, Stream.STDOUT, ATTACK)),
    ),
)
ORDINARY = recorded("shell form with dash")
LARGE = run_of(
    named(FAILED, "the one that failed"),
    *(named(ORDINARY, f"case {number}") for number in range(999)),
)


@pytest.fixture(scope="module")
def chromium(docker_address: str) -> Iterator[Browser]:
    """One browser for all tests; without axe-core they are skipped, or fail in CI."""
    if not AXE.exists():
        missing = f"axe-core is missing, `make docker-test` installs it: {AXE}"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    pages = {"small.html": html.render(SMALL), "large.html": html.render(LARGE)}
    with browser(docker_address, pages) as one:
        yield one


@pytest.fixture
def page(chromium: Browser) -> Iterator[Browser]:
    """The page of a small run; whatever the test does with it, nothing is complained of."""
    chromium.look(width=1280, height=900)
    chromium.open("small.html")
    yield chromium
    assert chromium.errors == []


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
@pytest.mark.parametrize("hash_", ["", "#case=1", "#case=6", "#matrix=4"])
def test_nothing_is_a_serious_barrier(page: Browser, hash_: str, width: int, theme: str) -> None:
    """To axe-core: contrast, names, roles, order; in both themes, on a desk and on a phone."""
    page.look(width=width, height=844, theme=theme)
    page.open("small.html", hash_)
    page.until(f"{VIEW} && document.querySelector('.picture')" if hash_ else OVERVIEW)

    assert [(one["id"], one["nodes"][0]["html"]) for one in page.barriers()] == []
    assert page.value("document.documentElement.scrollWidth <= innerWidth")


def test_verdicts_filter_the_cases(page: Browser) -> None:
    """Pressed again, all are there; the address keeps what is pressed."""
    page.value("document.querySelector('button[data-verdict=failed]').click()")
    assert page.value(NAMES) == "1,6"
    assert page.value("document.getElementById('shown').value") == "2 of 8 cases"
    assert page.value("location.hash") == "#?verdict=failed"

    page.value("document.querySelector('button[data-verdict=flaky]').click()")
    assert page.value(NAMES) == "1,3,6"

    page.value("document.getElementById('clear').click()")
    assert page.value(NAMES) == "0,1,2,3,4,5,6,7"


def test_words_tags_and_files_filter_the_cases(page: Browser) -> None:
    """All words must be there; a file or scenario without a case is not shown."""
    page.press("/")
    page.press(*"row sigt")
    assert page.value(NAMES) == "5"
    assert page.value("document.querySelectorAll('.scenario:not([hidden])').length") == 1

    page.press("Escape")
    page.open("small.html", "#?tag=stop")
    assert page.value(NAMES) == "1"
    page.open("small.html", "#?q=no+such+words")
    assert page.value(NAMES) == ""
    assert page.value("document.getElementById('nothing').hidden") is False


def test_the_keyboard_reaches_everything(page: Browser) -> None:
    """What went wrong, one after the other, open, next, and back to where it was."""
    page.press("f")
    assert page.value(NAMES) == "1,2,6"
    page.press("j", "j", "Enter")
    page.until(f"{VIEW} && document.activeElement.textContent.includes('gets ready')")
    page.press("k")
    page.until("document.querySelector('#view h1').textContent.includes('fails')")
    page.press("Escape")
    page.until(OVERVIEW)
    assert page.value(NAMES) == "1,2,6"
    assert page.value("document.activeElement.dataset.case") == "1"


def test_the_theme_can_be_switched(page: Browser) -> None:
    """From that of the system to the others."""
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.value(ground)

    page.press("t", "t")

    assert page.value("document.documentElement.dataset.theme") == "dark"
    assert page.value(ground) != light
    page.press("t")
    assert page.value(ground) == light


def test_help_opens_and_closes_by_keyboard(page: Browser) -> None:
    """As a dialog."""
    page.press("?")
    assert page.value("document.getElementById('help').open") is True
    page.value("document.getElementById('help-close').click()")
    assert page.value("document.getElementById('help').open") is False


def test_rows_of_a_matrix_stand_side_by_side(page: Browser) -> None:
    """Each with its picture."""
    page.open("small.html", "#matrix=4")
    page.until("document.querySelectorAll('.columns .picture').length === 2")

    heads = page.value("[...document.querySelectorAll('.columns h2 a')].map((one) => one.text)")
    tops = page.value(
        "[...document.querySelectorAll('.columns article')].map((one) => one.offsetTop)"
    )
    assert heads == ["SIGHUP", "SIGTERM"]
    assert len(set(tops)) == 1


def test_markup_in_texts_is_shown_and_not_run(page: Browser) -> None:
    """In the overview, in the details, and in the picture."""
    page.open("small.html", "#case=7")
    page.until(f"{VIEW} && document.querySelector('.picture')")

    assert page.value("document.querySelectorAll('img, #view script').length") == 0
    assert "<img src=x" in page.value("document.getElementById('view').textContent")


def test_the_policy_stops_what_would_be_let_in(chromium: Browser) -> None:
    """An inline handler does not run even where markup is put into the page."""
    chromium.open("small.html")
    chromium.value("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=1>')")
    chromium.until("true")

    complaints = " ".join(chromium.errors)
    chromium.errors.clear()
    assert "Content Security Policy" in complaints


def test_paper_has_no_buttons(page: Browser) -> None:
    """Nor filters."""
    page.look(width=900, height=1200, media="print")

    assert page.value("getComputedStyle(document.getElementById('filters')).display") == "none"


def test_a_thousand_cases_open_at_once(chromium: Browser) -> None:
    """The overview needs no case to be unpacked, and any of them can be looked at."""
    chromium.look(width=1280, height=900)
    chromium.open("large.html")

    assert chromium.cpu_s() < 2
    assert chromium.value("document.querySelectorAll('#cases [data-case]').length") == 1000
    assert chromium.value("document.querySelectorAll('svg.picture').length") == 0
    chromium.open("large.html", "#case=999")
    chromium.until(f"{VIEW} && document.querySelector('.picture')")
    assert chromium.errors == []
