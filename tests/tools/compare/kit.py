"""A comparison of seeded, made-up replies: what the report's tests and its sample are made from."""

from __future__ import annotations

import random
from functools import cache

from tools.compare import OFFLINE, Comparison, PromptItem, Reply, Vote, measure, parse_checks, run_checks

__all__ = ["HOSTILE", "MODELS", "sample"]

MODELS = [
    "meta-llama/llama-3.3-70b-instruct:free",
    "deepseek/deepseek-chat-v3.1:free",
    "z-ai/glm-4.5-air:free",
    "google/gemma-3-27b-it:free",
    OFFLINE,
]
HOSTILE = "<script>alert('x')</script><img src=http://evil.example/a.png onerror=alert(1)>"
_PACE = dict(zip(MODELS, (0.7, 1.4, 4.5, 0.9, 0.001), strict=True))  # median seconds to the first text
_PROMPTS = (
    ("tea", "用一百字介紹台灣的珍珠奶茶，給第一次來的日本朋友看。"),
    ("mail", "幫我寫一封信向老師請病假，語氣禮貌，要提到會補交作業。"),
    ("sort", "解釋什麼是泡沫排序法，並舉一個五個數字的例子。"),
    ("json", "用 JSON 列出台北三個適合看夜景的地方，每個要有 name 與 reason。"),
)
_GOOD = (
    "珍珠奶茶是台灣最有名的飲料：香濃的奶茶配上有嚼勁的粉圓，甜度和冰塊都可以自己選。第一次喝，建議點半糖少冰。",
    "老師您好，我今天發燒，想請一天病假。缺的進度我會自己補上，作業週五前補交，造成不便非常抱歉。",
    "泡沫排序法把相鄰的兩個數字兩兩比較，大的往後換，一輪之後最大的數字就到了最後面。",
    '{"places": [{"name": "象山", "reason": "看得到台北 101"}, {"name": "陽明山", "reason": "視野開闊"}]}',
)
_LEAKY = (
    "珍珠奶茶是台湾最有名的饮料，軟件般順口，味道很好。",
    "老师您好，我今天發燒，想請一天病假。",
    "冒泡排序會把數據兩兩比較，用戶可以看到結果。",
    "象山、陽明山、貓空。",
)


@cache
def sample(seed: int = 7, repeats: int = 3, votes: int = 24, week: int = 0) -> Comparison:
    """A comparison with everything that can happen in it. A later `week` is slower in one model and has lost another."""
    dice = random.Random(seed)
    checks = [
        ["no_simplified", {"max_length": 200}],
        ["no_simplified", {"contains": "老師"}],
        [{"language": "zh-TW"}, {"regex": "[排換]"}],
        [{"json_schema": {"type": "object", "required": ["places"]}}],
    ]
    prompts = [
        PromptItem(id=id, text=text, checks=parse_checks(own)) for (id, text), own in zip(_PROMPTS, checks, strict=True)
    ]
    replies = [
        _reply(dice, prompt, at, model, repeat, week)
        for repeat in range(1, repeats + 1)
        for at, prompt in enumerate(prompts)
        for model in MODELS
    ]
    return Comparison(
        run="r-20261120-abcdef",
        made=f"2026-11-{13 + 7 * week:02d}T20:15:00+08:00",
        seed=seed,
        models=MODELS,
        prompts=prompts,
        replies=replies,
        votes=_votes(dice, votes),
        plan={"requests": 60, "left_today": 31, "tomorrow": 29},
        settings={"temperature": 0.7, "max_tokens": 600 + 200 * week, "repeats": repeats},
        catalogue={"fetched": "2026-11-20T08:00:00+08:00", "free": MODELS[:4]},
        notes=["評審只供參考。"],
    )


def _reply(dice: random.Random, prompt: PromptItem, at: int, model: str, repeat: int, week: int) -> Reply:
    id = f"{prompt.id}|{model}|{repeat}"
    common = {"id": id, "prompt_id": prompt.id, "prompt": prompt.text, "model": model, "repeat": repeat}
    if model == MODELS[3] or (model == MODELS[2] and dice.random() < 0.25):
        said = "google/gemma-3-27b-it:free is temporarily rate-limited upstream." if model == MODELS[3] else "timed out"
        return Reply(**common, error="busy" if model == MODELS[3] else "timeout", error_text=said)
    leaky = {MODELS[1]: 0.6, MODELS[2]: 0.2}.get(model, 0.02)
    text = _LEAKY[at] if dice.random() < leaky else _GOOD[at]
    if model == MODELS[0] and prompt.id == "sort" and repeat == 1:
        text += "\n" + HOSTILE
    loops = model == MODELS[1] and prompt.id == "mail" and repeat == 2
    pace = _PACE[model] * (4 if week and model == MODELS[1] else 1)
    first = pace * dice.lognormvariate(0, 0.35)
    tokens = len(text)
    speed = {MODELS[0]: 80.0, MODELS[1]: 45.0}.get(model, 22.0) * dice.uniform(0.8, 1.2)
    local = model == OFFLINE
    found = measure(text)
    return Reply(
        **common,
        served_by=OFFLINE if local else model,
        provider="" if local else "Chutes",
        text=text,
        thought_s=round(first / 3, 3) if model == MODELS[2] else None,
        ttft_s=None if local else round(first, 3),
        seconds=round(0.002 if local else first + tokens / speed, 3),
        tokens=None if local else tokens,
        tokens_s=None if local else round(speed, 1),
        finish="length" if loops else "stop",
        simplified_chars=found.simplified_chars,
        terms=found.terms,
        characters=found.characters,
        leak=found.leak,
        length=found.length,
        language=found.language,
        checks=run_checks(text, prompt.checks),
        cut=loops,
        stored=repeat == 3 and model == MODELS[0],
    )


def _votes(dice: random.Random, each: int) -> list[Vote]:
    liked = {MODELS[0]: 0.8, MODELS[1]: 0.2, OFFLINE: -1.2}
    names = list(liked)
    votes = []
    for at, left in enumerate(names):
        for right in names[at + 1 :]:
            for n in range(each):
                edge = 0.5 + (liked[left] - liked[right]) / 5
                toss = dice.random()
                winner = "tie" if toss < 0.15 else "left" if dice.random() < edge else "right"
                by = "judge" if n >= each - 2 else "person"
                votes.append(Vote(prompt=_PROMPTS[n % 4][0], left=left, right=right, winner=winner, by=by))
    return votes
