"""How many true claims `qa.support` keeps and how many false ones it refuses; the fit behind its two thresholds.

    python tests/bench/support.py DATA [--claims 150]

DATA holds `clapnq/`, `mtrag/`, `squad2/` and `onestopqa/`, each with `articles.jsonl` and `questions.jsonl`. True
claims are sentences that people wrote as answers, and questions put together with their right answers; false ones are
the same with a number, a name or the sense changed, or cited to the passage most like theirs, and questions put
together with their traps. Even claims are what was fitted to, odd ones are the check. A claim is kept when one of its
passages supports it.
"""

import argparse
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tqdm import tqdm

from index import keywords
from index.chunk import sentences
from index.types import Article, Chunk
from qa import support
from qa.rerank import Reranker

SCORES = (-8.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0)
OVERLAPS = (0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


class Claim(NamedTuple):
    """A sentence and the passages that it is said to rest on."""

    kind: str
    text: str
    passages: tuple[Chunk, ...]

    @property
    def true(self) -> bool:
        return self.kind.startswith("true")


class Measured(NamedTuple):
    """A claim and what its quotes score: logit and overlap of each that holds its terms."""

    claim: Claim
    quotes: tuple[tuple[float, float], ...]


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--claims", type=int, default=150, help="of each kind")
    options = parser.parse_args()
    chance = random.Random(1)
    by_kind: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims(options.data, chance):
        by_kind[claim.kind].append(claim)
    chosen = [c for kind in by_kind.values() for c in chance.sample(kind, min(options.claims, len(kind)))]
    reranker = Reranker()
    measured = [measure(claim, reranker) for claim in tqdm(chosen, leave=False)]
    fit, check = measured[0::2], measured[1::2]
    print(f"{'kept, by score and overlap':28}", *(f"{o:11.1f}" for o in OVERLAPS))
    for score in SCORES:
        print(
            f"{score:28.1f}", *(f"  {kept(fit, True, score, o):.2f} {kept(fit, False, score, o):.2f}" for o in OVERLAPS)
        )
    in_use = f"in use: {support.SUPPORTS}, {support.OVERLAPS}"
    print(f"\n{in_use:28} {'n':>4}  kept: fit check  no terms missing")
    for kind in by_kind:
        halves = [[m for m in half if m.claim.kind == kind] for half in (fit, check)]
        shares = [share([kept_one(m, support.SUPPORTS, support.OVERLAPS) for m in half]) for half in halves]
        terms_held = share([bool(m.quotes) for half in halves for m in half])
        print(f"{kind:28} {sum(map(len, halves)):4}       {shares[0]:.2f}  {shares[1]:.2f}  {terms_held:.2f}")


def measure(claim: Claim, reranker: Reranker) -> Measured:
    """Score the quotes that `qa.support` would look at."""
    found: list[tuple[float, float]] = []
    for chunk in claim.passages:
        for quote, score in support.scored_quotes(claim.text, chunk, reranker):
            found.append((score, support.overlap(claim.text, quote)))
    return Measured(claim, tuple(found))


def kept_one(measured: Measured, score: float, overlap: float) -> bool:
    return any(s >= score and o >= overlap for s, o in measured.quotes)


def kept(measured: Sequence[Measured], true: bool, score: float, overlap: float) -> float:
    return share([kept_one(m, score, overlap) for m in measured if m.claim.true == true])


def share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0


def claims(data: Path, chance: random.Random) -> Iterator[Claim]:
    """All claims, true and false."""
    for name in ("clapnq", "mtrag"):
        articles, rows = read(data / name)
        chunks = {key: Chunk(key, article, 0, len(article.text)) for key, article in articles.items()}
        stems = {key: set(keywords.analyse(chunk.text)) for key, chunk in chunks.items()}
        for row in rows:
            passages = tuple(chunks[key] for key in row["gold_article_ids"])
            for text in written(row["answers"][0]) if row["answerable"] and passages else ():
                yield Claim(f"true: {name}", text, passages)
                around = " ".join(p.text for p in passages)
                for how, changed in (("number", number), ("name", a_name), ("negated", negated)):
                    if false := changed(text, around, chance):
                        yield Claim(f"false: {how} changed", false, passages)
                wanted = set(keywords.query_terms(text))
                others = (key for key in chunks if key not in row["gold_article_ids"])
                nearest = max(others, key=lambda key: len(wanted & stems[key]))
                yield Claim("false: nearest other passage", text, (chunks[nearest],))
    for name, traps in (("squad2", "plausible_wrong"), ("onestopqa", "wrong_choices")):
        articles, rows = read(data / name)
        for row in rows:
            article = articles[row["gold_article_ids"][0]]
            for kind, answers in (("true", row["answers"][:1]), ("false", row[traps][:1])):
                text = put_together(row["question"], answers[0]) if answers else None
                if text and (passage := paragraph(article, row, answers[0])):
                    yield Claim(f"{kind}: {name}", text, (passage,))


def read(source: Path) -> tuple[dict[str, Article], list[dict[str, Any]]]:
    rows = [json.loads(line) for line in (source / "articles.jsonl").open(encoding="utf-8")]
    articles = {r["id"]: Article(id=r["id"], title=r["title"] or "", text=r["text"]) for r in rows}
    return articles, [json.loads(line) for line in (source / "questions.jsonl").open(encoding="utf-8")]


def written(answer: str) -> list[str]:
    """The sentences of an answer that claim something."""
    found = [answer[s.start : s.end] for s in sentences(answer, ())]
    return [text for text in found if 6 <= len(text.split()) <= 40 and not text.endswith(("?", ":"))]


def put_together(question: str, answer: str) -> str | None:
    """A question and an answer as one sentence, where that is easy: `Who threw it?`, `He` → `He threw it.`"""
    answer = answer.rstrip(".")
    if match := re.match(r"(?:Who|What) (is|are|was|were) ([^?]+)\?$", question):
        return f"{match[2][0].upper()}{match[2][1:]} {match[1]} {answer}."
    if match := re.match(r"(?:Who|What) (?!do|did|ha[sd]|have|can|could|will|would|should|'s)(\w+ [^?]+)\?$", question):
        return f"{answer[0].upper()}{answer[1:]} {match[1]}."
    return None


def paragraph(article: Article, row: dict[str, Any], answer: str) -> Chunk | None:
    """The paragraph that a question was written on; for a trap of squad2, the one that holds it and is most like it."""
    wanted = set(keywords.query_terms(row["question"]))
    found = [m.span() for m in re.finditer(r"[^\n]+", article.text)]
    texts = {span: article.text[slice(*span)] for span in found}
    if row["gold_evidence"]:
        found = [span for span in found if row["gold_evidence"][0] in texts[span]]
    else:
        found = [span for span in found if answer in texts[span]]
    if not found:
        return None
    best = max(found, key=lambda span: len(wanted & set(keywords.analyse(texts[span]))))
    return Chunk("", article, *best)


def number(text: str, around: str, chance: random.Random) -> str | None:
    """The text with one number changed to one that stands nowhere around."""
    there = re.findall(r"\d+", around)
    if not (match := re.search(r"\d+", text)):
        return None
    others = [n for step in (-3, -2, -1, 1, 2, 3, 10) if (n := int(match[0]) + step) > 0 and str(n) not in there]
    return text[: match.start()] + str(chance.choice(others)) + text[match.end() :] if others else None


def a_name(text: str, around: str, chance: random.Random) -> str | None:
    """The text with one name changed to another one of its passages."""
    names = r"(?<=[a-z,] )[A-Z][a-z]{3,}"
    match = re.search(names, text)
    others = [n for n in re.findall(names, around) if n.lower() not in text.lower()]
    return text[: match.start()] + chance.choice(others) + text[match.end() :] if match and others else None


def negated(text: str, around: str, chance: random.Random) -> str | None:
    """The text with its sense turned round."""
    if re.search(r"\bnot\b|n't\b|\bno\b|\bnever\b", text):
        changed = re.sub(r" not\b|n't\b|(?<= )no (?=\w)|\bnever ", "", text, count=1)
    else:
        changed = re.sub(r"\b(is|are|was|were|can|will|has|have|had)\b", r"\1 not", text, count=1)
    return changed if changed != text else None


if __name__ == "__main__":
    main()
