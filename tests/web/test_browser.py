"""A person at a real browser: from the line to an accepted change with the keyboard alone, on a phone, and live."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from headrace.change.model import ChangeState
from headrace.words import LANGUAGES, Message
from web.browsing import CHROMIUM, DESKTOP, PHONE, browser, screenshot, window
from web.example_desk import ASKS, LTS

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not Path(CHROMIUM).exists(), reason="no chromium here: install it, or name it in HEADRACE_CHROMIUM"
    ),
]

PAGES = ("/", "/packages/python-einops", "/changes", f"/changes/{ASKS}", "/changes/python-tokenizers-master-0.20.3",
         "/releases", f"/releases/{LTS}", "/login", "/nothing")  # fmt: skip


@pytest.fixture(scope="module")
def opened():
    with browser() as found:
        yield found


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def log_in(page, site):
    page.goto(f"{site.address}/login")
    page.keyboard.type(site.token)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.address}/")


def test_from_the_line_to_an_accepted_change_with_the_keyboard_alone(site, opened):
    with window(opened, DESKTOP) as page:
        page.goto(site.address)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        press(page, "j", "j", "j", "j", "k", "j", "Enter")
        page.wait_for_url("**/packages/python-einops")
        press(page, "j", "Enter")
        page.wait_for_url(f"{site.address}/changes/{ASKS}")
        assert page.get_by_role("heading", name=re.compile("Verdict")).is_visible()
        press(page, "a", "Enter")
        page.wait_for_url(re.compile(r"/login\?to="))
        page.keyboard.type(site.token)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{site.address}/changes/{ASKS}")
        page.keyboard.press("r")
        page.keyboard.type("I compared it; a is accepted upstream.")
        press(page, "Tab", "Enter")
        page.get_by_text("li-na accepted it").wait_for()
    view = site.desk.change(ASKS)
    assert view.brief.state is ChangeState.ACCEPTED
    assert view.decisions[0].why == "I compared it; a is accepted upstream."


def test_reject_with_the_keyboard_and_the_reason_that_was_forgotten(site, opened):
    with window(opened, DESKTOP) as page:
        log_in(page, site)
        page.keyboard.press("c")
        page.wait_for_url("**/changes")
        press(page, "j", "Enter")
        page.wait_for_url(f"{site.address}/changes/{ASKS}")
        press(page, "a", "Tab", "Enter")
        page.get_by_role("alert").get_by_text("Say why you reject it.").wait_for()
        page.keyboard.press("r")
        page.keyboard.type("还不能合入")
        press(page, "Tab", "Tab", "Enter")
        page.get_by_text("li-na rejected it").wait_for()
    assert site.desk.change(ASKS).brief.state is ChangeState.REJECTED


def test_keys_can_be_listed_and_turned_off(site, opened):
    with window(opened, DESKTOP) as page:
        page.goto(f"{site.address}/changes")
        page.keyboard.press("?")
        assert page.get_by_text("next and previous in a list").is_visible()
        page.get_by_label("single keys work on these pages").uncheck()
        page.keyboard.press("l")
        page.reload()
        page.keyboard.press("l")
        assert page.url.endswith("/changes")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_a_phone_shows_every_page_without_scrolling_sideways(site, opened, path, language):
    with window(opened, PHONE, language=language, is_mobile=True, has_touch=True) as page:
        if "changes/" in path:
            log_in(page, site)
        page.goto(site.address + path)
        for details in page.locator("main details").all():
            details.evaluate("each => { each.open = true }")
        assert page.evaluate("[document.documentElement.scrollWidth, innerWidth]") == [375, 375]
        small = page.evaluate(
            """[...document.querySelectorAll('button, .filters a, .top nav a, textarea')]
               .filter(each => each.getClientRects().length && each.getBoundingClientRect().height < 24)
               .map(each => each.outerHTML)"""
        )
        assert small == []


def test_a_page_stays_fresh_while_work_goes_on(site, opened):
    with window(opened, DESKTOP) as page:
        page.goto(site.address)
        page.get_by_text("live", exact=True).wait_for()
        site.desk.tell("release", "zlib", Message("Publication {serial} of {branch} is out.", serial=8, branch=LTS))
        page.locator("#now").get_by_text(f"Publication 8 of {LTS} is out.").wait_for()
        page.locator(".feed").get_by_text(f"Publication 8 of {LTS} is out.").wait_for()


def test_what_a_person_is_writing_is_not_taken_away_by_news(site, opened):
    with window(opened, DESKTOP) as page:
        log_in(page, site)
        page.goto(f"{site.address}/changes/{ASKS}")
        page.get_by_text("live", exact=True).wait_for()
        page.keyboard.press("r")
        page.keyboard.type("half a sent")
        site.desk.tell("build", ASKS, Message("a build began"))
        page.locator(".feed").get_by_text("a build began").wait_for()
        page.keyboard.type("ence")
        assert page.locator("#why").input_value() == "half a sentence"


def test_a_decision_of_somebody_else_shows_at_once(site, opened):
    with window(opened, DESKTOP) as page:
        log_in(page, site)
        page.goto(f"{site.address}/changes/{ASKS}")
        page.get_by_text("live", exact=True).wait_for()
        site.desk.decide(ASKS, accept=False, who="wangxm", why="no", expected=site.desk.change(ASKS).commit)
        page.get_by_text("wangxm rejected it").wait_for()
        assert page.get_by_role("button", name="Accept").count() == 0


def test_everything_works_without_scripts(site, opened):
    with window(opened, DESKTOP, java_script_enabled=False) as page:
        page.goto(f"{site.address}/login?to=/changes/{ASKS}")
        page.get_by_label("Your token").fill(site.token)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(f"{site.address}/changes/{ASKS}")
        page.get_by_role("button", name="Accept").click()
        page.get_by_text("li-na accepted it").wait_for()


CONTRAST = """() => {
  const numbers = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, n) => sum + v * [.2126, .7152, .0722][n], 0);
  const ground = each => {
    for (let at = each; at; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > .99) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const each of document.querySelectorAll('body *')) {
    const own = [...each.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (!own || !each.getClientRects().length || each.closest('.sr, .skip, script')) continue;
    const style = getComputedStyle(each);
    const svg = each instanceof SVGElement;
    const [a, b] = [light(numbers(svg ? style.fill : style.color)), light(ground(each))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < 4.5) poor.push([ratio.toFixed(2), each.textContent.trim().slice(0, 40), String(each.className)]);
  }
  return poor;
}"""


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("path", PAGES)
def test_every_word_stands_out_from_its_ground(site, opened, path, dark):
    with window(opened, DESKTOP, dark=dark, reduced_motion="reduce") as page:
        if "changes/" in path:
            log_in(page, site)
        page.goto(site.address + path)
        for details in page.locator("details").all():
            details.evaluate("each => { each.open = true }")
        assert page.evaluate(CONTRAST) == []


def test_the_picture_for_the_readme(site, opened, tmp_path):
    target = Path(os.environ.get("HEADRACE_SCREENSHOT") or tmp_path / "line.png")
    with window(opened, DESKTOP, reduced_motion="reduce") as page:
        page.goto(site.address)
        page.get_by_text("live", exact=True).wait_for()
        assert screenshot(page, target).read_bytes().startswith(b"\x89PNG")
