"""What a scraped page holds instead of an article, or behind it: walls, lists of other articles, links to them.

`links` are the texts of a page's links, as `index.around.bare` gives them.

| What a page's text is | What happens |
|---|---|
| a wish for a click, a login, cookies or JavaScript, and little else | it is no article |
| headlines that link elsewhere, and few long paragraphs | it is no article |
| an article, and headlines that link elsewhere behind it | the article |
| an article, and a headline that links elsewhere between two paragraphs | the article |
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence, Set
from itertools import accumulate

from index import markdown
from index.around import bare
from index.errors import InputError
from index.paragraphs import ENDS_SENTENCE

WALL = re.compile(
    r"(?:enable|turn on|allow) (?:java ?script|cookies)|"
    r"java ?script (?:is|has been|must be) (?:disabled|required|enabled)|"
    r"checking (?:your browser|if the site connection is secure)|unusual (?:traffic|activity) from|are you a robot|"
    r"(?:verify|confirm|prove) (?:that )?you(?:['’]re| are) (?:a |not a )?(?:human|robot)|"
    r"access (?:to this page )?(?:has been |is )?denied|we value your privacy|before you continue to|"
    r"(?:we|partners) (?:\w+ ){0,6}(?:store|access|use|process)[^.]{0,80}\bcookies\b|"
    r"(?:subscribe|log ?in|sign ?in|register) to (?:continue|read|view|see|unlock)",
    re.IGNORECASE,
)  # fmt: skip
LONGEST_WALL = 250
"""Words. Consent dialogs have up to 200; a short article that mentions cookies has no second such sentence."""

HEADLINE_WORDS = 4
LONG = 200
"""Characters. A teaser under a headline is shorter; a paragraph, or an entry of a list in an article, is longer."""
LISTED = 8


def is_wall(text: str) -> bool:
    """Whether a page's text is a wall before an article."""
    words = len(text.split())
    found = len(WALL.findall(text))
    return words <= LONGEST_WALL and (found > 1 or (found == 1 and words <= LONGEST_WALL / 4))


def without_teasers(text: str, links: Set[str]) -> str:
    """A page's Markdown without the headlines that link to other articles, in its middle or behind it.

    Raises InputError when it lists other articles and is none.
    """
    lines = text.split("\n")
    words = [" ".join(paragraph.text for paragraph in markdown.paragraphs(line)) for line in lines]
    spoken = [n for n, line in enumerate(words) if line]
    leads = [n for n in spoken if _leads_elsewhere(words[n], links)]
    end = next(_lists(words, spoken, leads), len(lines))
    inside = [n for n in leads if n < end]
    if len(inside) >= max(LISTED, sum(len(line) >= LONG for line in words[:end])):
        raise InputError(f"It lists {len(leads)} other articles: add them by their addresses, or a feed of them.")
    alone = {n for n in inside if not (_at(words, n - 1) or _at(words, n + 1))}  # else a line of a wrapped paragraph
    gone = {n for n in alone if not lines[n].startswith(("#", "-", "|"))}
    return "\n".join(line for n, line in enumerate(lines[:end]) if n not in gone).strip()


def _lists(words: Sequence[str], spoken: Sequence[int], leads: Sequence[int]) -> Iterator[int]:
    """The headlines from which on all is a list of other articles, their summaries between them.

    The entries of an article that is a list itself begin earlier, and are longer than what comes before.
    """
    upto = list(accumulate(map(len, words), initial=0))
    for before, n in enumerate(leads):
        above = bisect_left(spoken, n)
        behind, rest = len(leads) - before, len(spoken) - above
        if behind >= 3 and behind * 4 >= rest and before * 4 <= above and upto[-1] <= 2 * upto[n]:
            yield n


def _at(words: Sequence[str], n: int) -> str:
    return words[n] if 0 <= n < len(words) else ""


def _leads_elsewhere(line: str, links: Set[str]) -> bool:
    """Whether a paragraph is a headline that is a link, and nothing else."""
    return len(line.split()) >= HEADLINE_WORDS and ENDS_SENTENCE.search(line) is None and bare(line) in links
