"""The pages in a real browser: first paint, a conversation that streams, a reload in the middle, phone width."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.doubles.openrouter import Fault, OpenRouterDouble
from tests.kit import KEY

pytestmark = pytest.mark.browser
sync_api = pytest.importorskip("playwright.sync_api")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SHOTS = Path(__file__).resolve().parents[2] / "shots"
PAGES = {
    "": "期末工坊", "counselor": "諮詢室", "digest": "新聞摘要", "sticker": "貼圖", "shop": "小店文案",
    "compare": "模型比較", "post": "貼文", "library": "我的筆記", "history": "紀錄", "settings": "設定",
}  # fmt: skip


@pytest.fixture
def server(own_home: Path) -> Iterator[Callable[[], str]]:
    """Starts `finale apps` for the environment of the moment; gives the address."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> str:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "apps.cli", "apps", "--no-browser", "--port", str(port)]
        log = (own_home / "server.log").open("wb")
        started.append(subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True))
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return f"http://127.0.0.1:{port}"
            time.sleep(0.1)
        raise TimeoutError((own_home / "server.log").read_text())

    yield start
    for process in started:
        os.killpg(process.pid, 9)
        process.wait()


@pytest.fixture(scope="module")
def chromium() -> Iterator[sync_api.Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this system")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: sync_api.Browser) -> Iterator[sync_api.Page]:
    """A page that fails the test when it asks anything of the world outside."""
    context = chromium.new_context(viewport={"width": 1280, "height": 860}, locale="zh-TW")
    page = context.new_page()
    page.set_default_timeout(45_000)
    foreign: list[str] = []
    local = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")
    page.on("request", lambda request: None if request.url.startswith(local) else foreign.append(request.url))
    yield page
    context.close()
    assert not foreign


def shot(page: sync_api.Page, name: str) -> None:
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


def no_errors(page: sync_api.Page) -> None:
    assert page.get_by_test_id("stException").count() == 0


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_paints_and_fits(server, page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    address = server()
    for path, title in PAGES.items():
        page.goto(f"{address}/{path}")
        page.get_by_role("heading", name=title, exact=True).first.wait_for()
        page.wait_for_timeout(700)
        no_errors(page)
        shot(page, f"{path or 'home'}-{width}")
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 1, f"{path} scrolls sideways at {width}"


def test_an_offline_conversation_with_sources_to_open(server, page) -> None:
    page.goto(f"{server()}/counselor")
    page.get_by_role("button", name="不知道未來可以做什麼").click()
    page.get_by_text("可以接著問").wait_for()
    page.get_by_text("離線作答", exact=True).first.wait_for()
    page.get_by_text("看原文").first.click()
    page.wait_for_timeout(400)
    no_errors(page)
    shot(page, "counselor-answer")
    page.reload()
    page.get_by_text("可以接著問").wait_for()
    page.get_by_text("不知道未來可以做什麼").first.wait_for()


def test_a_post_streams_survives_a_reload_and_costs_what_it_says(server, page, double: OpenRouterDouble) -> None:
    double.set_latency(first=0.5, per_token=0.05)
    page.goto(f"{server()}/post")
    page.get_by_label("主題").fill("期末專題發表會")
    page.get_by_role("button", name="寫貼文").click()
    page.get_by_role("heading", name="大綱").wait_for()
    page.get_by_role("button", name="停止").wait_for()
    shot(page, "post-streaming")
    page.reload()
    page.get_by_text("可複製的純文字").wait_for()
    no_errors(page)
    shot(page, "post-done")
    assert len(double.requests) == 2
    assert KEY not in page.content()


def test_stop_ends_a_run_that_hangs(server, page, double: OpenRouterDouble) -> None:
    double.everyone([Fault.HANG])
    page.goto(f"{server()}/post")
    page.get_by_label("主題").fill("雨天的校園")
    page.get_by_role("button", name="寫貼文").click()
    double.wait_for(1, 60)  # a stop before the request was sent would leave the fault to the resumed run
    page.get_by_role("button", name="停止").click()
    page.get_by_text("已停止").wait_for()
    page.get_by_role("button", name="接續").click()
    page.get_by_text("可複製的純文字").wait_for()
    no_errors(page)


def test_english_at_a_click(server, page) -> None:
    page.goto(server())
    page.get_by_text("English", exact=True).click()
    page.get_by_role("heading", name="Counselor").wait_for()
    no_errors(page)


def test_hostile_answers_are_text(server, page, double: OpenRouterDouble) -> None:
    double.say(
        "<img src=x onerror=\"document.title='owned'\"> ![p](http://10.0.0.1/p.png) [c](javascript:alert(1)) 好天氣。"
        * 3
    )
    page.goto(f"{server()}/counselor")
    page.get_by_role("button", name="壓力一大").click()
    page.get_by_text("可以接著問").wait_for()
    page.wait_for_timeout(500)
    assert page.title() != "owned" and page.locator("[data-testid=stMarkdownContainer] img").count() == 0
    assert page.locator("a[href^=javascript]").count() == 0


def test_a_digest_of_pasted_articles_is_read_resorted_and_muted(server, page) -> None:
    page.goto(f"{server()}/digest")
    page.get_by_role("button", name="用一篇範例文章試試").click()
    page.get_by_role("tab", name="新聞 3").wait_for()
    page.get_by_role("heading", name="高雄早餐店用 AI 排班").wait_for()
    shot(page, "digest-read")
    page.get_by_text("比重", exact=True).click()
    slider = page.get_by_role("slider", name="具體案例")
    slider.focus()
    slider.press("ArrowLeft")
    page.get_by_text("已依新的比重重排").wait_for()
    page.get_by_role("button", name="靜音 0").click()
    page.get_by_label("不想看到的詞").fill("歌手")
    page.get_by_role("button", name="靜音", exact=True).click()
    page.get_by_role("button", name="靜音 1").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="新聞 2").wait_for()
    page.get_by_role("tab", name="為什麼沒出現 1").click()
    page.get_by_text("【歌手】演唱會門票秒殺").wait_for()
    no_errors(page)
    shot(page, "digest-why")
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    page.get_by_text("全文").first.wait_for()
    no_errors(page)
    shot(page, "digest-phone")


def test_a_theme_becomes_a_pack_that_is_downloaded(server, page, tmp_path: Path) -> None:
    from tools.images.packs import validate

    page.goto(f"{server()}/sticker")
    page.get_by_label("主題").fill("柴犬")
    page.get_by_role("button", name="先看分鏡").click()
    page.get_by_text("每一張畫什麼").wait_for()
    table = page.get_by_test_id("stDataFrame").locator("canvas").first
    table.wait_for()
    page.wait_for_timeout(800)
    table.scroll_into_view_if_needed()
    corner = table.bounding_box()
    assert corner
    page.mouse.dblclick(corner["x"] + 100, corner["y"] + 52)  # the first caption: below the heads, right of the ticks
    page.wait_for_timeout(500)
    page.keyboard.press("Control+a")
    page.keyboard.type("嗨你好")
    page.keyboard.press("Enter")
    page.wait_for_timeout(800)
    page.get_by_role("button", name="畫這 8 張").click()
    page.get_by_text("打包上架").wait_for()
    page.get_by_text("嗨你好").first.wait_for()
    page.reload()
    page.get_by_text("已選 8 張").wait_for()
    shot(page, "sticker-gallery")
    page.get_by_role("button", name="打包 8 張").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="下載 ZIP").click()
    download.value.save_as(tmp_path / "line.zip")
    assert validate(tmp_path / "line.zip", "line") == []
    page.get_by_text("深色聊天室").scroll_into_view_if_needed()
    no_errors(page)
    shot(page, "sticker-pack")
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    page.get_by_text("深色聊天室").wait_for()
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 1
    no_errors(page)
    shot(page, "sticker-phone")


def test_a_comparison_streams_side_by_side_survives_a_reload_and_is_voted_on(
    server, page, double: OpenRouterDouble
) -> None:
    double.set_latency(first=0.3, per_token=0.05)
    page.goto(f"{server()}/compare")
    page.get_by_label("提示詞", exact=True).fill("用一句話介紹台南")
    page.keyboard.press("Tab")
    page.get_by_text("2 次請求；今天還剩 50 次").wait_for()
    page.get_by_role("button", name="開始比較").click()
    page.get_by_text("正在寫").nth(1).wait_for()  # two columns at once
    shot(page, "compare-live")
    page.reload()
    page.get_by_role("tab", name="盲測投票").click()
    page.get_by_role("button", name="左邊好").wait_for()
    no_errors(page)
    shot(page, "compare-vote")
    page.keyboard.press("1")
    page.get_by_text("剛才：左邊是").wait_for()
    page.get_by_role("tab", name="報告").click()
    with page.expect_download() as report:
        page.get_by_role("button", name="報告（HTML）").click()
    assert "用一句話介紹台南" in report.value.path().read_text(encoding="utf-8")
    assert len(double.requests) == 2
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("tab", name="並排看").click()
    page.get_by_text("實際作答").first.wait_for()
    no_errors(page)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 1
    shot(page, "compare-phone")
