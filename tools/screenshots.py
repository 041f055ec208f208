"""Takes the README's picture from the running program (`make screenshots`): a new blog with its sample."""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))

from served_blog import serve  # noqa: E402 - shared with the tests

TARGET = ROOT / "docs/images/home.png"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def main() -> None:
    """Serve a new blog and photograph its first page."""
    program = shutil.which("chromium")
    if program is None:
        sys.exit("Chromium is missing. On Debian: apt-get install chromium fonts-noto-cjk")
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(Path(folder) / "blog", "--demo") as blog,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1180, "height": 820})
        page.goto(blog.url)
        page.screenshot(path=TARGET)
        browser.close()
    print(f"Wrote {TARGET.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
