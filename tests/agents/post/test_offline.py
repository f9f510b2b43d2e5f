"""The post agent without a model: its data, its plans, its posts."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys

import pydantic
import pytest
import yaml

from agents.post.offline import LIMITS, load_packs, offline_plan, offline_post
from agents.post.state import Plan
from tools.chinese import inspect
from tools.settings import ROOT, data_dir

FOLDER = data_dir() / "post"
ZH, EN = load_packs(FOLDER)["zh"], load_packs(FOLDER)["en"]
LOWEST, HIGHEST = LIMITS["zh"]

TOPICS = re.findall(
    r"\S+",
    """雨天的校園 期末專題 我們店的新口味 圖書館 深夜的超商 早餐店的早晨 週末的文創市集擺攤 謝謝一直支持我們的客人 如何準備面試
該買平板還是筆電？ 中秋節公休公告 我想念高中的社團 量子電腦 聖誕節 母親節禮盒預購 我家的貓 專題做完了 租屋看房注意事項 徵求假日工讀夥伴 畢業
跑步 AI工具推薦 登山社迎新 失戀 手作蠟燭工作坊 教師節 冬天的海邊 存錢 分組報告遇到雷隊友 夏日限定芒果冰 實習結束 颱風天的早餐店 淨灘活動
畢業專題成果展 程式設計期末專題 電影心得 今天好累 棒球 讀書會 一個人看海 阿嬤過世 台股 蒙古語 Python 鹽 捷運上的陌生人 週年慶 考完試了！ 蛇類 皮影戲 天文 法律""",
)


def post(topic: str, **plan: object) -> str:
    return offline_post(topic, {**offline_plan(topic), **plan})


def sentences(text: str) -> set[str]:
    return {part for part in re.split(r"[。！？\n]", text) if part and not part.startswith("#")}


def strings(value: object) -> list[str]:
    if isinstance(value, pydantic.BaseModel):
        value = value.model_dump()
    if isinstance(value, dict):
        return [text for item in value.values() for text in strings(item)]
    if isinstance(value, list):
        return [text for item in value for text in strings(item)]
    return [value] if isinstance(value, str) else []


def test_there_is_enough_to_write_from():
    assert len(ZH.scenes) >= 90
    assert len(ZH.shapes) >= 8
    names = {"生活隨筆", "活動邀請", "商品介紹", "公告", "知識分享", "心得回顧", "感謝", "徵求意見"}
    assert names <= {shape.name for shape in ZH.shapes}


def test_details_are_whole_sentences_of_fourteen_to_thirty_four_characters():
    details = [detail for scene in ZH.scenes for detail in scene.details]
    assert [d for d in details if not (14 <= len(d) <= 34 and d.endswith("。") and d.count("。") == 1)] == []
    assert [scene.id for scene in ZH.scenes if not 4 <= len(scene.details) <= 6] == []
    assert [scene.question for scene in ZH.scenes if not scene.question.endswith("？")] == []


@pytest.mark.parametrize("pack", [ZH, EN], ids=["zh", "en"])
def test_details_cues_and_ids_belong_to_one_scene(pack):
    for name in ("details", "cues"):
        values = [value for scene in pack.scenes for value in getattr(scene, name)]
        assert len(values) == len(set(values)), name
    assert len({scene.id for scene in pack.scenes}) == len(pack.scenes)
    assert len({scene.question for scene in pack.scenes}) == len(pack.scenes)
    cues = [cue for owner in (*pack.scenes, *pack.shapes, *pack.tones) for cue in owner.cues]
    assert [cue for cue in cues if cue != cue.lower().strip() or not cue] == []
    assert [tag for owner in (*pack.scenes, *pack.shapes) for tag in owner.tags if re.search(r"[#\s]", tag)] == []


def test_everything_chinese_is_traditional_and_taiwanese():
    texts = strings(ZH)
    # Big5 has no character that is Simplified only.
    assert [text for text in texts if text.encode("cp950", "ignore").decode("cp950") != text] == []
    cues = {cue for scene in ZH.scenes for cue in scene.cues}  # what people may type; never shown as ours
    reports = {text: inspect(text) for text in texts if text not in cues}
    assert {text: report for text, report in reports.items() if report.simplified or report.terms} == {}


def test_details_claim_no_date_number_or_deed():
    claims = re.compile(r"\d|昨天|前天|上週|上個月|剛剛才|我們?(?:去|買|做|吃|看|遇)了|折起|元起")
    assert [d for scene in ZH.scenes for d in scene.details if claims.search(d)] == []


@pytest.mark.parametrize("pack", [ZH, EN], ids=["zh", "en"])
def test_shapes_fit_together(pack):
    assert pack.default in {shape.id for shape in pack.shapes}
    tone_cues = [cue for tone in pack.tones for cue in tone.cues]
    for shape in pack.shapes:
        assert all("{topic}" in opening for opening in shape.opening), shape.id
        assert any(cue in shape.tone for cue in tone_cues), shape.tone
        assert all("〔請填：" in blank or "[fill in: " in blank for blank in shape.blanks), shape.id
        assert "{topic}" in "".join(shape.points)
        assert set(re.findall(r"\{.*?\}", " ".join(strings(shape)))) <= {"{topic}", "{scene}"}
        assert LIMITS[pack.lang][0] <= shape.length <= LIMITS[pack.lang][1]


def test_a_key_that_nobody_reads_is_an_error(tmp_path):
    for name in ("scenes.yaml", "shapes.yaml"):
        (tmp_path / name).write_text((FOLDER / name).read_text(encoding="utf-8"), encoding="utf-8")
    assert load_packs(tmp_path) == {"zh": ZH, "en": EN}
    scenes = yaml.safe_load((tmp_path / "scenes.yaml").read_text(encoding="utf-8"))
    scenes[0]["detail"] = scenes[0]["details"]
    (tmp_path / "scenes.yaml").write_text(yaml.safe_dump(scenes, allow_unicode=True), encoding="utf-8")
    with pytest.raises(pydantic.ValidationError, match="detail"):
        load_packs(tmp_path)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_gives_a_plan_and_a_post_of_the_right_length(topic):
    plan = offline_plan(topic)
    assert 3 <= len(Plan.model_validate(plan).points) <= 5
    assert topic in "".join(plan["points"])
    text = offline_post(topic, plan)
    assert LOWEST <= len(text) <= HIGHEST, len(text)
    assert f"「{topic}」" in text
    assert "{" not in text
    for scene in ZH.scenes:
        used = [text.count(detail) for detail in scene.details]
        assert max(used) <= 1
        assert sum(used) <= 2, scene.id


def test_no_two_topics_share_more_than_half_of_their_sentences():
    posts = {topic: sentences(post(topic)) for topic in TOPICS}
    close = [
        (a, b)
        for a, b in itertools.combinations(TOPICS, 2)
        if len(posts[a] & posts[b]) * 2 > min(len(posts[a]), len(posts[b]))
    ]
    assert close == []


def test_the_same_topic_gives_the_same_post_in_every_process():
    code = "from agents.post.offline import *; t = '期末週的宿舍'; print(ascii(offline_post(t, offline_plan(t))))"
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
    assert runs[0].strip() == ascii(post("期末週的宿舍"))


@pytest.mark.parametrize(
    ("topic", "words"),
    [
        ("雨天的校園", "雨天和校園"),
        ("雨天、圖書館和咖啡", "雨天、圖書館和咖啡"),
        ("ＡＩ工具", "AI"),
        ("山的早晨", "山和早晨"),
        ("中山路的巷子", "巷子"),
        ("brainstorming 的筆記", "筆記"),
        ("臺鐵便當", "台鐵和便當"),
        ("圖書館閉館", "圖書館"),
        ("咖啡店", "咖啡店"),
    ],
)
def test_scenes_are_found_by_their_longest_cue(topic, words):
    from agents.post.offline import _match_scenes, _named

    assert _named([cue for _, cue in _match_scenes(ZH, topic)], ZH) == words


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("中秋節公休公告", "公告"),
        ("聖誕市集", "活動邀請"),
        ("謝謝大家來看成果展", "感謝"),
        ("母親節優惠", "商品介紹"),
        ("期末考讀書方法", "知識分享"),
        ("期末壓力好大", "心情"),
        ("推薦的火鍋店", "徵求意見"),
        ("市集心得", "心得回顧"),
        ("雨天的校園", "生活隨筆"),
        ("徵人", "徵人"),
        ("蒙古語", "通用"),
    ],
)
def test_the_shape_follows_what_the_topic_is_for(topic, name):
    from agents.post.offline import _shape_and_scenes

    assert _shape_and_scenes(ZH, topic)[0].name == name


@pytest.mark.parametrize("topic", ["蒙古語", "週末的文創市集擺攤", "我們店的新口味", "徵人", "中秋節公休公告"])
def test_what_only_the_person_knows_is_a_blank(topic):
    assert post(topic).count("〔請填：") == 2


def test_a_scene_alone_needs_no_blank():
    assert "〔" not in post("雨天的校園")


@pytest.mark.parametrize(
    "topic", ["{topic.__class__}", "{scene}{point}{0}", "$topic %s {{7*7}}", "\\1 \\g<0>", "<b>雨天</b>"]
)
def test_a_topic_is_only_ever_inserted(topic):
    assert f"「{topic}」" in post(topic)
    assert f"「{topic}」" in "".join(offline_plan(topic)["points"])
    assert LOWEST <= len(post(topic)) <= HIGHEST
    assert f"想說{topic}。" in post("雨天", points=[f"想說{topic}", "雨天的味道"])


def test_a_topic_with_quotes_and_lines_is_quoted_on_one_line():
    assert "「『雨天』 的校園」" in post("「雨天」\n的校園。")


@pytest.mark.parametrize("topic", ["雨" * 200, "今天下雨，" * 40, "字" * 500, "雨 " * 100])
def test_a_long_topic_is_cut(topic):
    text = post(topic)
    assert LOWEST <= len(text) <= HIGHEST
    assert "…」" in text


def test_an_english_topic_gives_an_english_post():
    topic = "A rainy day on campus"
    plan = offline_plan(topic)
    text = offline_post(topic, plan)
    assert 45 <= len(text.split()) <= 130
    assert f"“{topic}”" in text
    assert re.search(r"[\u3000-\u9fff]", text + "".join(plan["points"])) is None
    assert "Every umbrella in the stand" in text or "Wet footprints" in text or "sound on the roof" in text


def test_a_chinese_topic_can_have_an_english_post():
    plan = offline_plan("雨天的校園", lang="en")
    text = offline_post("雨天的校園", plan)
    assert "“雨天的校園”" in text
    assert re.search(r"[\u3000-\u9fff]", text.replace("雨天的校園", "")) is None


@pytest.mark.parametrize("topic", ["AI", "Python", "Taylor Swift", "ChatGPT 5"])
def test_a_name_in_latin_letters_is_no_english_topic(topic):
    assert "「" in post(topic)


MODEL_PLAN = {
    "points": [
        "雨天讓校園安靜下來，連腳步聲都清楚",
        "2. 描述走廊與傘架的畫面",
        "鼓勵大家放慢腳步看看身邊",
        "引起讀者共鳴",
        "你最喜歡雨天校園的哪個角落？",
    ],
    "tone": "帶點幽默",
    "length": 220,
}


def test_a_models_plan_is_followed_point_by_point():
    text = offline_post("雨天的校園", MODEL_PLAN)
    marks = [
        "雨天讓校園安靜下來",
        "傘架被插得滿滿的",
        "也想請你放慢腳步看看身邊。",
        "〔請補一句：引起讀者共鳴〕",
        "你最喜歡雨天校園的哪個角落？",
    ]
    places = [text.find(mark) for mark in marks]
    assert -1 not in places
    assert places == sorted(places)
    assert "描述" not in text
    assert LOWEST <= len(text) <= HIGHEST


def test_a_plans_tone_is_heard():
    asides = {tone.id: tone.aside for tone in ZH.tones}
    plan = {"points": ["走廊很安靜", "雨聲很近"], "length": 250}
    playful = offline_post("雨天的校園", {**plan, "tone": "輕鬆搞笑"})
    plain = offline_post("雨天的校園", {**plan, "tone": "專業簡潔"})
    assert any(aside in playful for aside in asides["幽默"])
    assert any(aside in plain for aside in asides["俐落"])


def test_a_plans_length_is_aimed_at():
    short, long = (len(post("雨天的校園", length=length)) for length in (80, 400))
    assert LOWEST <= short <= 160 < long <= HIGHEST


@pytest.mark.parametrize(
    "point", ["這是一個很長的重點，用來看看會不會超過上限，應該不會才對" * 3, "字" * 400, "描述" + "事" * 90]
)
@pytest.mark.parametrize("topic", ["雨天的校園", "市集", "字" * 90])
def test_eight_long_points_still_fit(topic, point):
    text = offline_post(topic, {"points": [point] * 8, "tone": "？", "length": 9999})
    assert LOWEST <= len(text) <= HIGHEST


@pytest.mark.parametrize(
    "plan", [{}, {"points": [], "tone": "", "length": 0}, {"points": ["  ", "。"], "tone": "溫暖", "length": 30}]
)
def test_a_poor_plan_still_gives_a_post(plan):
    assert LOWEST <= len(offline_post("雨天的校園", plan)) <= HIGHEST
