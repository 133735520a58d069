"""An answer to take along: as Markdown with numbered references, and its sources as a plain bibliography."""

import re

from index.types import Article
from qa.types import Answer
from ui.render import notes, printable, published_day
from ui.sources import by_article

MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#!|~])")


def markdown(answer: Answer) -> str:
    """The question, the answer with a number behind each sentence, and the quote behind each number."""
    sentences = " ".join(
        f"{_plain(s.text)} {''.join(f'[{n}]' for n in s.citations)}" if s.citations else _plain(s.text)
        for s in answer.sentences
    )
    references = "\n".join(
        f"{c.n}. {_linked(c.article)}: “{_plain(c.quote)}”" for c in sorted(answer.citations, key=lambda c: c.n)
    )
    said = "\n".join(f"*{_plain(note)}*" for note in notes(answer))
    blocks = [f"**{_plain(answer.question)}**", sentences or answer.text, said, references]
    return "\n\n".join(block for block in blocks if block) + "\n"


def bibliography(answer: Answer) -> str:
    """One line of plain text for each article that is cited."""
    return "".join(f"{_entry(group[0].article)}\n" for group in by_article(answer.citations))


def _entry(article: Article) -> str:
    when = published_day(article.published, article.date_source)
    where = ", ".join(part for part in (article.publisher, when) if part)
    parts = [f"{article.author}." if article.author else "", f"“{article.title}.”", f"{where}.", article.url or ""]
    return printable(" ".join(part for part in parts if part))


def _linked(article: Article) -> str:
    title = _plain(article.title)
    web = article.url is not None and re.fullmatch(r"https?://[^\s()<>\\]+", article.url)
    when = published_day(article.published, article.date_source)
    said = ", ".join(_plain(part) for part in (article.publisher, article.author, when) if part)
    return f"{f'[{title}]({article.url})' if web else title}, {said}"


def _plain(text: str) -> str:
    """Text that Markdown leaves as it is, on one line."""
    return MARKDOWN.sub(r"\\\1", printable(text))
