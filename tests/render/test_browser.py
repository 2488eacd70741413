"""A real browser opens the page of a hostile report: it shows the findings, runs nothing and asks for nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from merchant_check.render import html
from merchant_check.report import Report

from . import pages

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")

INJECTED = "<script>document.title = 'ran'</script><img src='/fetched.png' onerror=\"document.title = 'ran'\" />"


class Server(ThreadingHTTPServer):
    """Serves one page and remembers what was asked for."""

    page = ""
    asked: list[str]


class Handler(BaseHTTPRequestHandler):
    """Answers with the page, whatever the path."""

    def do_GET(self) -> None:
        assert isinstance(self.server, Server)
        self.server.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.server.page.encode("utf-8"))

    def log_message(self, *_: object) -> None:
        """Nothing to say."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as made:
        made.asked = []
        thread = Thread(target=made.serve_forever)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def report() -> Report:
    return pages.hostile(pages.story("ad-burn"))


def browse(address: str, folder: Path, *options: str) -> str:
    """What chromium prints when it opens the page with these options; skips where it can't start at all."""
    assert CHROMIUM
    headless = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}"]
    quiet = ["--disable-background-networking", "--no-first-run", "--disable-dev-shm-usage"]
    try:
        done = subprocess.run(
            [CHROMIUM, *headless, *quiet, *options, address], capture_output=True, text=True, timeout=90, check=False
        )
    except subprocess.TimeoutExpired:
        pytest.skip("chromium does not answer on this machine")
    if done.returncode:
        pytest.skip(f"chromium does not start on this machine: {done.stderr[-200:]}")
    return done.stdout


def address(server: Server) -> str:
    return f"http://127.0.0.1:{server.server_port}/report.html"


def test_a_hostile_report_shows_its_findings_and_does_nothing(server: Server, report: Report, tmp_path: Path) -> None:
    server.page = html.render(report)
    shown = browse(address(server), tmp_path, "--dump-dom")
    for finding in report.findings:
        assert re.search(f'id="{finding.id}"[^>]*>{finding.title}<', shown), finding.id
    title = re.search(r"<title>(.*?)</title>", shown, flags=re.DOTALL)
    assert title
    assert unescape(title[1]).startswith("</title></style></svg>")
    assert "<body>" in shown
    assert "<script" not in shown
    assert "<img" not in shown
    assert server.asked == ["/report.html"]


def test_even_a_script_that_got_in_would_not_run(server: Server, report: Report, tmp_path: Path) -> None:
    server.page = html.render(report).replace("</main>", f"{INJECTED}</main>")
    shown = browse(address(server), tmp_path, "--dump-dom")
    assert "<script" in shown
    assert "<title>ran" not in shown
    assert server.asked == ["/report.html"]


def test_it_prints_to_paper(report: Report, tmp_path: Path) -> None:
    page, paper = tmp_path / "report.html", tmp_path / "report.pdf"
    page.write_text(html.render(report), "utf-8")
    browse(page.as_uri(), tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={paper}")
    written = paper.read_bytes()
    assert written.startswith(b"%PDF-")
    assert 4 <= written.count(b"/Type /Page\n") <= 14
