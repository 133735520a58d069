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
from collections.abc import Sequence, Set

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

PIECES = re.compile(r"\n\s*\n|\n(?=[-#|])")
"""Between Markdown's paragraphs, headings, items and rows."""
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
    lines = [line for line in PIECES.split(text) if line.strip()]
    words = [" ".join(paragraph.text for paragraph in markdown.paragraphs(line)) for line in lines]
    leads = [_leads_elsewhere(line, links) for line in words]
    end = next((n for n in range(len(lines)) if leads[n] and _is_list(words, leads, n)), len(lines))
    if sum(leads[:end]) >= max(LISTED, sum(len(line) >= LONG for line in words[:end])):
        raise InputError(f"It lists {sum(leads)} other articles: add them by their addresses, or a feed of them.")
    inside = (n for n in range(end) if not leads[n] or lines[n].startswith(("#", "-", "|")))
    return "\n\n".join(lines[n] for n in inside)


def _is_list(lines: Sequence[str], leads: Sequence[bool], start: int) -> bool:
    """Whether all from a headline on is a list of other articles, their summaries between them.

    The entries of an article that is a list itself begin earlier, and are longer than what comes before.
    """
    before, behind = sum(leads[:start]), sum(leads[start:])
    length = sum(map(len, lines[start:]))
    return (
        behind >= 3
        and behind * 4 >= len(lines) - start
        and before * 4 <= start
        and length <= sum(map(len, lines[:start]))
    )


def _leads_elsewhere(line: str, links: Set[str]) -> bool:
    """Whether a paragraph is a headline that is a link, and nothing else."""
    return len(line.split()) >= HEADLINE_WORDS and ENDS_SENTENCE.search(line) is None and bare(line) in links
