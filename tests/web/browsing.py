"""A real browser that reaches nothing but loopback."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = os.environ.get("HEADRACE_CHROMIUM", "/usr/bin/chromium")
ARGS = (
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 375, "height": 780}


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=list(ARGS))
        try:
            yield opened
        finally:
            opened.close()


@contextlib.contextmanager
def window(
    opened: Browser, size: dict[str, int], *, dark: bool = False, language: str = "en", **more: Any
) -> Iterator[Page]:
    """A page of its own context that fails the test when a script fails or something is blocked by the policy."""
    context = opened.new_context(
        viewport=size,
        color_scheme="dark" if dark else "light",
        locale="zh-CN" if language == "zh_CN" else "en-GB",
        **more,
    )
    page = context.new_page()
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on(
        "console", lambda message: trouble.append(message.text) if "Content Security Policy" in message.text else None
    )
    try:
        yield page
        assert trouble == []
    finally:
        context.close()


def screenshot(page: Page, path: Path, *, whole: bool = False) -> Path:
    """A picture of the page, with the movement of the water stopped."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=whole, animations="disabled")
    return path
