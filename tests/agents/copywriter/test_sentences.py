"""Sentences as models write them: what a shop may say passes, what was invented is found.."""

from __future__ import annotations

import pytest

from agents.copywriter import load_products, load_shop
from agents.copywriter.evidence import evidence_of
from agents.copywriter.tracing import findings
from tools.settings import data_dir

SHOPS = {
    "皂": ("鹿港手工皂.yaml", "鹿港手工皂-商品.csv"),
    "豆花": ("台南豆花店.yaml", "台南豆花店-商品.csv"),
    "筆筒": ("巷口木作.yaml", "巷口木作-筆筒.yaml"),
}
SAID = """
皂 洗臉、洗身體，一塊就夠。|晾了四十五天，才到你手上。|搓一搓就有細細的泡泡，顏色是洛神花粉本來的樣子。
皂 早上洗臉、晚上洗澡，都用得到。|放在通風的皂盤上，用得比較久。|送禮自用都可以。|想讓浴室簡單一點的時候，就用它。
皂 我們在鹿港的小巷裡慢慢做皂。|100 公克，握起來剛剛好。|一塊 220 元，慢慢來，慢慢用。|不急著出貨，等它晾好再說。
皂 聞起來是淡淡的花香，不搶味。|每一塊顏色都有點不一樣。|給自己一個慢下來的理由。|洗完用清水沖乾淨就好。
皂 顏色不是染的，是洛神花粉的顏色。|日常就好，不用太複雜。|它陪你過每一個平常的日子。|第一次用皂的人也可以試試。
皂 一次洗臉只要搓兩三下。|冷製的皂，做好還要晾一個半月。|成分都寫在這裡：椰子油、橄欖油、棕櫚油、洛神花粉。
豆花 紅豆煮到開口，才捨得下鍋。|一碗 450 毫升，吃得飽飽的。|夏天吃冰的，冬天吃熱的。|買回家先放冰箱冷藏，當天吃完。
豆花 銅板價 45 元，路過就帶一碗。|豆香和紅豆香，一口就吃得到。|砂糖熬的糖水，不搶紅豆的味道。|下課路過，來一碗吧！
筆筒 六角筆筒，放在桌面剛剛好。|以台灣樟木製作，保留木頭原色。|上過兩次植物油，觸感溫潤。|可以放筆，也可以放剪刀。
筆筒 每一面的木紋都不同，沒有兩個一樣的筆筒。|高 10 公分，不擋視線。|口徑內徑 7 cm，一般剪刀放得下。|請避免長時間曝曬。
筆筒 下單後，我會在 10 天內寄出。|由我一個人在工作室完成。|書桌上的小東西，也值得慢慢做。|使用前先擦一擦。
"""
INVENTED = """
皂 洗後不緊繃，嬰兒也能用。|嚴選西班牙初榨橄欖油。|加入玫瑰精油，浪漫迷人。|溫和呵護敏感肌膚。|媽媽們瘋狂推薦。
皂 每月限量三百塊。|百分百植物油製成。|弱酸性配方。|pH 5.5 最溫和。|皮膚科醫師推薦。|有效改善痘痘。|純天然無添加。
皂 老師傅三十年手藝。|買三送一只到月底。|全館免運中。|北歐極簡包裝。|採用環保紙盒。|洗淨力提升兩倍。|含豐富花青素。
皂 能抗老化、淡化細紋。|使用山泉水製作。|不含任何化學成分。|現貨不用等。|加入乳木果油更滋潤。|來自花蓮的洛神花。|可洗約三十次。
豆花 使用非基改黃豆。|在地經營五十年。|屏東萬丹紅豆，顆顆飽滿。|每日凌晨三點開始煮。|低糖健康無負擔。|美容養顏聖品。
豆花 記者都來採訪。|豐富蛋白質，營養滿分。|加了芋圓和粉圓。|一碗只要 40 元。|特價 45 元。
豆花 驅寒暖身，手腳冰冷的救星。|促進血液循環。|使用名間紅豆。|每天現磨豆漿。|第二碗半價。|排隊一小時也值得。|孕婦也安心。
筆筒 選用百年老樟木。|天然樟木香氣可驅蟲。|榫卯工法，不用一根釘子。|附贈專屬木盒。|獲選文博會推薦。|台東的樟木。|五天內到貨。
筆筒 重量約 350 公克。|附一年保固。|日本職人監製。|採用無毒塗料。|手工打磨十二道工序。|限量一百個。|適合兒童使用。
"""


def each(table: str) -> list[tuple[str, str]]:
    rows = [line.partition(" ") for line in table.strip().splitlines()]
    return [(shop, text) for shop, _, texts in rows for text in texts.split("|")]


def unfounded(shop: str, text: str) -> list[str]:
    profile, products = (data_dir() / "shops" / name for name in SHOPS[shop])
    evidence = evidence_of(load_shop(profile), load_products(products).products[0])
    return [one.claim for one in findings(text, evidence) if one.fact is None]


@pytest.mark.parametrize(("shop", "text"), each(SAID))
def test_what_a_shop_may_say_passes(shop: str, text: str) -> None:
    assert unfounded(shop, text) == []


@pytest.mark.parametrize(("shop", "text"), each(INVENTED))
def test_what_was_invented_is_found(shop: str, text: str) -> None:
    assert unfounded(shop, text)
