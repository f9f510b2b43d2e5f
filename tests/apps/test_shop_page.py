"""The shop page, driven headless: an example in one click, a shop in a form, products brought, copy changed and taken away."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from agents import copywriter
from agents.copywriter import load_shop
from agents.copywriter.export import as_csv, files_of
from agents.copywriter.products import Products
from agents.run import open_runs
from agents.store import RunRecord
from apps.ui.shop_edits import changed, edits_of, keep_edit
from apps.ui.shop_files import ending_of, products_beside, shop_files
from tests.agents.copywriter.kit import author, saying
from tests.apps.pages import click, settle, text
from tests.doubles.openrouter import Fault, OpenRouterDouble
from tools.settings import data_dir

Open = Callable[..., AppTest]
SHOP = data_dir() / "shops" / "台南豆花店.yaml"
PRODUCTS = data_dir() / "shops" / "台南豆花店-商品.csv"


def newest() -> RunRecord:
    return open_runs().history(1, "copywriter")[0]


def field(test: AppTest, name: str) -> str:
    """The key of a widget of the shop's form as it stands now."""
    return f"shop-{name}-{test.session_state['shop_version']}"


def bring(test: AppTest, pasted: str) -> AppTest:
    test.text_area(key="shop_products_text").set_value(pasted).run()
    return click(test, "放進表格")


def test_an_example_is_written_with_one_click_and_without_a_model(app: Open, double: OpenRouterDouble) -> None:
    test = settle(click(app("shop"), "試寫「台南阿水豆花」"))
    record = newest()
    assert record.status == "done" and record.envelope["requests"] == 0 and double.requests == []
    assert test.query_params["run"] == record.id
    shown = text(test)
    assert "文案（3 件）" in shown and "紅豆豆花" in shown and "沒有拿掉任何句子" in shown
    copy = copywriter.CopyOutput.model_validate(record.envelope["output"]).products[0]
    pasted = [block.value for block in test.code]
    assert {copy.title, copy.description, copy.social, copy.alt} <= set(pasted)
    assert copy.kept and all(f"**{one.claim}**　:gray[{one.fact}]" in shown for one in copy.kept)
    assert all(rule.rule in shown for rule in copy.voice)


def test_the_cost_is_said_before_it_is_spent(app: Open, double: OpenRouterDouble) -> None:
    test = app("shop")
    test.selectbox(key="shop_file").set_value(str(SHOP)).run()
    assert "需要 3–6 次請求" in text(test)
    settle(click(test, "寫 3 件的文案"))
    assert len(newest().inputs["product"]["products"]) == 3 and double.requests


def test_what_a_model_invents_is_shown_as_taken_out(app: Open, double: OpenRouterDouble) -> None:
    def inventing(answer: dict[str, Any]) -> dict[str, Any]:
        return {**answer, "description": f"{answer['description']}只要 99 元，還能改善濕疹。"}

    double.say(saying(inventing))
    test = app("shop")
    test.selectbox(key="shop_file").set_value(str(SHOP)).run()
    test.number_input(key="shop_pictures").set_value(0)
    shown = text(settle(click(test, "寫 3 件的文案")))
    product = copywriter.CopyOutput.model_validate(newest().envelope["output"]).products[0]
    assert product.by == "model" and product.removed and "拿掉了" in shown
    assert all(one.text in shown and one.why in shown for one in product.removed)
    assert "99 元" not in "".join(block.value for block in test.code)


def test_a_run_that_was_stopped_goes_on_where_it_was(app: Open, double: OpenRouterDouble) -> None:
    double.everyone([Fault.HANG])
    test = app("shop")
    test.selectbox(key="shop_file").set_value(str(SHOP)).run()
    test = click(test, "寫 3 件的文案")
    double.wait_for(1)
    test = settle(click(test, "停止"))
    assert "已停止" in text(test) and newest().status == "stopped"
    double.say(author)
    assert "文案（3 件）" in text(settle(click(test, "接續"))) and newest().status == "done"


def test_choosing_another_shop_changes_its_form_and_products(app: Open) -> None:
    test = app("shop")
    test.selectbox(key="shop_file").set_value(str(data_dir() / "shops" / "鹿港手工皂.yaml")).run()
    assert test.text_input(key=field(test, "name")).value == "鹿港小巷手工皂"
    assert test.session_state["shop_rows"][0]["品名"] == "洛神花皂"
    assert [picker.value for picker in test.color_picker] == ["#c96a4a", "#f3ead8", "#7d8f69"]


def test_a_shop_of_ones_own_is_saved_and_can_be_read_by_the_command(app: Open, own_home: Path) -> None:
    test = app("shop")
    test.selectbox(key="shop_file").set_value("").run()
    assert test.warning and newest_button(test, "寫文案").disabled
    test.text_input(key=field(test, "name")).set_value("阿明／咖啡")
    test.text_input(key=field(test, "banned")).set_value("頂級、 奢華")
    test.text_area(key=field(test, "facts")).set_value("產地：台東\n看不懂的一行")
    test.button(key="shop-style-watercolor").click().run()
    click(test, "加一色")
    test.color_picker[0].set_value("#123456").run()
    assert "看不懂的一行" in text(test)
    test = click(test, "存成我的店")
    saved = load_shop(own_home / "shops" / "阿明／咖啡.yaml")
    assert saved.words.banned == ["頂級", "奢華"] and saved.facts[0].value == "台東"
    assert (saved.palette, saved.style) == (["#123456"], "watercolor")
    assert next(iter(shop_files(own_home).values())) == "阿明／咖啡"
    assert "阿明／咖啡.yaml" in test.success[0].value.replace("\\", "")
    assert test.selectbox(key="shop_file").value == str(own_home / "shops" / "阿明／咖啡.yaml")


def test_a_form_that_contradicts_itself_says_so_and_writes_nothing(app: Open) -> None:
    test = app("shop")
    test.text_input(key=field(test, "wanted")).set_value("打卡")
    test.text_input(key=field(test, "banned")).set_value("打卡").run()
    assert "同一個詞同時想用又不用" in test.error[0].value
    assert newest_button(test, "寫文案").disabled and newest_button(test, "存成我的店").disabled


def test_pasted_products_fill_the_table_and_broken_lines_are_named(app: Open) -> None:
    test = bring(app("shop"), "品名,價格\n黑糖饅頭,25\n沒有價格的一列\n芋頭饅頭,30\n")
    assert [row["品名"] for row in test.session_state["shop_rows"]] == ["黑糖饅頭", "芋頭饅頭"]
    assert "檔案第 3 行沒有採用：有 1 欄，標題列是 2 欄" in text(test)
    settle(click(test, "寫 2 件的文案"))
    assert [one["name"] for one in newest().inputs["product"]["products"]] == ["黑糖饅頭", "芋頭饅頭"]


def test_a_row_of_the_table_without_a_name_is_named_and_the_others_go_on(app: Open) -> None:
    test = app("shop")
    key = f"shop-rows-{test.session_state['shop_table']}"
    rows = {0: {"品名": ""}}
    test.session_state[key] = {"edited_rows": rows, "added_rows": [{"品名": "花生豆花"}], "deleted_rows": [1]}
    test.run()
    assert "表格第 1 列不能用：沒有品名" in text(test)
    assert newest_button(test, "寫 3 件的文案")


def test_an_uploaded_file_that_is_no_shop_is_refused_by_its_line(app: Open) -> None:
    test = app("shop")
    upload = next(one for one in test.file_uploader if one.key == "shop_upload")
    upload.set_value(("我的店.yaml", "店名: 小店\n色票: [紅色]\n".encode(), "text/yaml")).run()
    test = click(test, "用這個檔")
    assert "我的店.yaml第 2 行" in text(test)
    upload = next(one for one in test.file_uploader if one.key == "shop_upload")
    upload.set_value(("我的店.yaml", "店名: 小店\n".encode(), "text/yaml")).run()
    assert click(test, "用這個檔").text_input(key=field(test, "name")).value == "小店"


def test_changed_copy_stays_after_a_reload_and_new_claims_are_told(app: Open) -> None:
    run = copywriter.run(SHOP, PRODUCTS, offline=True).run
    test = app("shop", run=run)
    test.button(key=f"edit-{run}-001").click().run()
    test.text_input(key=f"title-{run}-001").set_value("全台第一的紅豆豆花")
    test.button(key=f"keep-{run}-001").click().run()
    assert not test.exception and "你改的字裡有資料沒有的說法" in text(test)
    again = app("shop", run=run)
    assert "全台第一的紅豆豆花" in [block.value for block in again.code] and "你改過" in text(again)
    again.button(key=f"edit-{run}-001").click().run()
    again.button(key=f"undo-{run}-001").click().run()
    assert "全台第一的紅豆豆花" not in [block.value for block in again.code]


def test_the_files_hold_what_was_changed_and_the_pictures(own_home: Path) -> None:
    result = copywriter.run(SHOP, PRODUCTS, pictures=1, offline=True)
    folder, shop = Path(result.output.files[0]).parent, load_shop(SHOP)
    first = result.output.products[0]
    fields = {name: getattr(first, name) for name in ("bullets", "description", "social", "alt")}
    keep_edit(folder, first.id, {**fields, "title": "我改的標題"})
    copies = changed(result.output.products, edits_of(folder), shop, "zh")
    assert "我改的標題" in as_csv(copies, "zh") and first.title not in as_csv(copies[:1], "zh")
    with zipfile.ZipFile(BytesIO(files_of(copies, "zh")[-1].data)) as pack:
        assert "我改的標題" in pack.read(f"001-{first.name}.txt").decode()
        assert {Path(one).name for copy in copies for one in copy.pictures} <= set(pack.namelist())
    (folder / "edits.json").write_text("[broken", encoding="utf-8")
    assert changed(result.output.products, edits_of(folder), shop, "zh") == result.output.products


def test_a_visit_by_address_shows_the_run_and_what_it_was_about(app: Open) -> None:
    run = copywriter.run(SHOP, [{"品名": "桂花豆花"}], offline=True).run
    test = app("shop", run=run)
    assert test.session_state["shop_rows"] == [{"品名": "桂花豆花"}] and "文案（1 件）" in text(test)
    assert "文案（" not in text(app("shop", run="20260101-00000000"))


@pytest.mark.parametrize(
    ("pasted", "ending"),
    [("品名,價格\n皂,220", ".csv"), ("品名\t價格", ".csv"), ('{"品名": "皂"}', ".jsonl"), ("[{}]", ".json"),
     ('{\n"品名": "皂"}', ".json"), ("品名: 皂\n價格: 220", ".yaml"), ("- 品名: 皂", ".yaml")],
)  # fmt: skip
def test_pasted_text_is_known_by_how_it_begins(pasted: str, ending: str) -> None:
    assert ending_of(pasted) == ending


def test_the_examples_come_with_their_products() -> None:
    examples = shop_files(Path("nowhere"))
    assert len(examples) >= 3 and all(products_beside(path) for path in examples)
    assert Products.model_validate(copywriter.load_products(products_beside(str(SHOP))).model_dump()).products


def newest_button(test: AppTest, label: str):
    return next(button for button in test.button if button.label == label)
