"""What a shop brings: profiles whose mistakes have a line, product files in every character set, broken rows named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.copywriter import BadProducts, BadShop, NoSuchFile, data, load_products, load_shop
from tools.images.styles import house_styles
from tools.settings import data_dir

SHOPS = sorted(path for path in (data_dir() / "shops").glob("*.yaml") if not path.name.startswith("_"))


def written(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def test_every_shop_and_product_file_that_ships_can_be_read() -> None:
    shops = [path for path in SHOPS if "店名" in path.read_text(encoding="utf-8")]
    others = [path for path in (data_dir() / "shops").glob("*-*") if path.suffix in (".csv", ".yaml")]
    assert len(shops) == 4 and len(others) == 4
    for path in shops:
        shop = load_shop(path)
        assert shop.name and house_styles().get(shop.style)
    assert all(not load_products(path).skipped for path in others)


def test_the_rules_hold_together() -> None:
    rules = data.claims()
    words = [word for group in rules.groups for word in group.words]
    assert len(words) > 300 and all(group.why["zh"] and group.why["en"] for group in rules.groups)
    assert all(pattern.groupindex.keys() >= {"x"} for group in rules.groups for pattern in data.patterns(group.id))
    known = {field.id for field in data.fields().facts} - {
        "name",
        "sku",
        "stock",
        "cost",
        "supplier",
        "feature",
        "story",
    }
    for level in data.phrases().levels.values():
        assert set(level.clauses) == known


def test_what_was_read_is_read_again_the_same() -> None:
    for path in SHOPS:
        if "店名" in path.read_text(encoding="utf-8"):
            shop = load_shop(path)
            assert load_shop(json.loads(shop.model_dump_json())) == shop


@pytest.mark.parametrize(
    ("text", "line", "field", "why"),
    [
        ("店名: 小店\n語氣:\n  自稱: 本店\n", "第 3 行", "語氣.自稱", "我們"),
        ("店名: 小店\n語氣: {句長: 很短}\n", "第 2 行", "語氣.句長", "整數"),
        ("店名: 小店\n\n語調: 好\n", "第 3 行", "語調", "不認得"),
        ("語氣: {自稱: 我}\n", "第 1 行", "店名", "少了"),
        ('店名: 小店\n色票:\n  - "#aabbcc"\n  - red\n', "第 2 行", "色票", "#rrggbb"),
        ("店名: 小店\n風格: 沒有這種\n", "第 2 行", "風格", "沒有這種"),
        ("店名: [小店\n", "第 2 行", "YAML", "不是正確的 YAML"),
        ("店名: 小店\n用詞: {想用: [慢], 不用: [慢]}\n", "", "", "想用又不用"),
        ("- 小店\n", "", "YAML", "欄位"),
        ("店名: 小店\n範文: [一, 二, 三, 四, 五, 六]\n", "第 2 行", "範文", "5"),
    ],
)
def test_a_mistake_in_a_profile_is_told_with_its_line_and_field(
    tmp_path: Path, text: str, line: str, field: str, why: str
) -> None:
    with pytest.raises(BadShop) as caught:
        load_shop(written(tmp_path, "店.yaml", text))
    message = caught.value.message("zh")
    assert "店.yaml" in message and line in message and field in message and why in message
    assert "店.yaml" in caught.value.message("en")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "big5", "utf-16"])
def test_tables_are_read_in_every_character_set(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, "商品.csv", "品名,價格,重量(公克)\n紅豆豆花,45,300\n".encode(encoding))
    product = load_products(path).products[0]
    assert product.name == "紅豆豆花" and product.first("price") == "45 元" and product.first("weight") == "300 公克"


def test_a_broken_row_is_named_by_its_line_and_the_others_go_on(tmp_path: Path) -> None:
    text = '品名,價格\n\n皂,1\n"引號沒關,2\n豆花,3,4\n"兩\n行",5\n,6\n粉圓,7\n'
    found = load_products(written(tmp_path, "商品.csv", text))
    assert [product.name for product in found.products] == ["皂", "兩 行", "粉圓"]
    assert [(row.line, row.key) for row in found.skipped] == [(4, "row_quotes"), (5, "row_columns"), (8, "row_name")]


def test_json_lines_and_a_tab_table_and_a_list_in_yaml(tmp_path: Path) -> None:
    lines = load_products(
        written(tmp_path, "a.jsonl", '{"name": "皂", "price": 35.5}\n壞\n{"name": "b", "x": {"a": 1}}\n')
    )
    assert lines.products[0].first("price") == "35.5 元" and [row.line for row in lines.skipped] == [2, 3]
    assert lines.products[0].facts[0].label == "價格"
    tabbed = load_products(written(tmp_path, "a.tsv", "商品名稱\t售價\n皂\tNT$1,200\n"))
    assert tabbed.products[0].first("price") == "1,200 元"
    listed = load_products(written(tmp_path, "a.yaml", "products:\n  - 品名: 一\n  - 價格: 3\n  - 品名: 三\n"))
    assert [one.name for one in listed.products] == ["一", "三"] and listed.skipped[0].line == 3


def test_what_is_none_of_a_customers_business_is_not_even_kept(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", "貨號,品名,成本,庫存,供應商,價格\nA1,皂,30,5,某廠,99\n")
    assert [fact.label for fact in load_products(path).products[0].facts] == ["價格"]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.csv", "名字,價格\n皂,1\n", "名字"),
        ("a.csv", "", "品名"),
        ("a.csv", "品名\n\n", "a.csv"),
        ("a.yaml", "價格: 3\n", "沒有品名"),
        ("a.csv", "品名\n" + "皂\n" * 501, "500"),
    ],
)
def test_a_file_without_a_product_is_refused(tmp_path: Path, name: str, text: str, told: str) -> None:
    with pytest.raises(BadProducts) as caught:
        load_products(written(tmp_path, name, text))
    assert told in caught.value.message("zh") and caught.value.message("en")


def test_what_is_no_text_or_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoSuchFile, match="不是文字檔"):
        load_products(written(tmp_path, "圖.csv", bytes(range(256)) * 20))
    with pytest.raises(NoSuchFile, match=r"沒有\.yaml"):
        load_shop(tmp_path / "沒有.yaml")
