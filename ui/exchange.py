"""A conversation as HTML: each question, its answer as far as it is there, its sources, and what one can do next."""

from collections.abc import Sequence
from itertools import groupby
from urllib.parse import urlencode

from index.types import Filters
from qa.sources import day
from qa.types import Answer
from ui.markup import button, escape, icon, in_language, message_html
from ui.references import bibliography, markdown
from ui.render import NEAREST, notes
from ui.sources import nearest_html, sources_html
from ui.talk import Exchange, Talk

STAGES = {
    "waiting": "Waiting in line",
    "understanding": "Understanding the question",
    "searching": "Searching the articles",
    "reading": "Reading what was found",
    "writing": "Writing",
    "checking": "Checking every quote",
}
REFUSED = "Try other words, or name who or what it is about."
REFUSED_FILTERED = "Only some of the articles were looked at: try other dates or publishers, or all."
EDITING = (
    '<p class="dl-note">Change it in the box and ask: the new answer takes the place of this one and what follows. '
    f"{button('Leave it', 'undo', look='dl-text-button')}</p>"
)
WELCOME = "Ask a question. Every sentence of the answer is numbered, and beside it stand the words it rests on."


def talk_html(talk: Talk) -> str:
    """All of a conversation, or what to begin with."""
    if not talk.exchanges:
        message = message_html(talk.message) if talk.message else ""
        return f'{message}<div class="dl-talk" data-conversation="">{_welcome_html(talk.examples)}</div>'
    kept = any(exchange.place is not None for exchange in talk.exchanges.values())
    exchanges = "".join(
        exchange_html(exchange, number, editing=talk.editing) for number, exchange in talk.exchanges.items()
    )
    fresh = button("New conversation", "clear", look="dl-text-button")
    return (
        f'<div class="dl-talk"{f""" data-conversation="{talk.id}" """.rstrip() if kept else ""}>'
        f'<p class="dl-fresh">{fresh}</p>{exchanges}</div>'
    )


def _welcome_html(examples: Sequence[str]) -> str:
    offered = "".join(f"<li>{button(q, 'example_select', q, look='dl-question-button')}</li>" for q in examples)
    return (
        f'<section class="dl-welcome"><p>{WELCOME}</p>'
        f'<ul class="dl-examples" aria-label="Questions to begin with">{offered}</ul></section>'
    )


def exchange_html(exchange: Exchange, number: int, *, editing: int | None = None) -> str:
    """One question and its answer. Those from `editing` on go once that question is asked anew."""
    later = editing is not None and number >= editing
    place = f"x{number}"
    answer = exchange.answer
    beside = sources_html(exchange.citations, place, exchange.lost)
    if answer and answer.abstained:
        beside = nearest_html(answer.hits[:NEAREST], place)
    return (
        f'<section class="dl-exchange{" dl-later" if later else ""}" id="{place}" aria-labelledby="{place}-question"'
        f"{'' if answer else ' data-unanswered'}>"
        f'<header><h2 class="dl-question" id="{place}-question" tabindex="-1">{escape(exchange.question)}</h2>'
        f"{_filters_html(exchange.filters)}{EDITING if number == editing else ''}</header>"
        f'<div class="dl-answer">{_said_html(exchange, place)}{_foot_html(exchange, number)}</div>'
        f'<aside class="dl-sources" aria-label="Sources">{beside}</aside>{_further_html(exchange.further)}</section>'
    )


def filters_line(filters: Filters) -> str:
    """Which articles are looked at, in words; nothing when all are."""
    since, until = (day(d) if d else None for d in (filters.since, filters.until))
    if since and until:
        days = f"{since} to {until}"
    else:
        days = f"since {since}" if since else f"until {until}" if until else ""
    return " · ".join(part for part in (days, ", ".join(filters.publishers)) if part)


def link_to(question: str, filters: Filters) -> str:
    """The query of an address at which the page asks the question by itself."""
    named = {"q": question, "from": filters.since, "to": filters.until}
    pairs = [(name, value) for name, value in named.items() if value]
    return urlencode([*pairs, *(("publisher", name) for name in filters.publishers)])


def _filters_html(filters: Filters) -> str:
    line = filters_line(filters)
    return f'<p class="dl-note">Only {escape(line)}</p>' if line else ""


def _said_html(exchange: Exchange, place: str) -> str:
    """The sentences that are there, and what is to be said about them."""
    answer = exchange.answer
    blocks = [f'<p class="dl-text" aria-live="polite">{_sentences_html(exchange, place)}</p>']
    if answer and answer.abstained:
        hint = REFUSED_FILTERED if exchange.filters != Filters() else REFUSED
        blocks = [
            f'<p class="dl-text dl-refusal" aria-live="polite">{escape(answer.text)}</p><p class="dl-note">{hint}</p>'
        ]
    if answer:
        blocks.extend(f'<p class="dl-note">{escape(note)}</p>' for note in _notes(answer))
    if exchange.problem:
        blocks.append(f'<p class="dl-note dl-problem" role="status">{escape(exchange.problem)}</p>')
    return "".join(blocks)


def _notes(answer: Answer) -> list[str]:
    understood = [f"Understood as: {answer.standalone_question}"]
    return [*(understood if answer.standalone_question != answer.question else []), *notes(answer)]


def _sentences_html(exchange: Exchange, place: str) -> str:
    languages = {citation.quote: citation.article.language for citation in exchange.citations}
    sides = groupby(exchange.sentences, key=lambda sentence: sentence.about)
    return "<br>".join(
        (f"<strong>{escape(about)}:</strong> " if about else "")
        + " ".join(f"{_worded(s.text, in_language(languages.get(s.text)))}{_links(s.citations, place)}" for s in said)
        for about, said in sides
    )


def _worded(text: str, spoken: str) -> str:
    return f"<span{spoken}>{escape(text)}</span>" if spoken else escape(text)


def _links(numbers: Sequence[int], place: str) -> str:
    return "".join(f'<sup><a href="#{place}-{n}" aria-label="Source {n}">{n}</a></sup>' for n in numbers)


def _foot_html(exchange: Exchange, number: int) -> str:
    """What is being done, with a way to stop it; then what can be done with the answer."""
    if exchange.stage is not None:
        stage = STAGES.get(exchange.stage, exchange.stage)
        stop = button("Stop", "stop", str(number), look="dl-text-button")
        return f'<div class="dl-foot"><p class="dl-stage" role="status">{escape(stage)}</p>{stop}</div>'
    return f'<div class="dl-foot" role="group" aria-label="This answer">{_actions_html(exchange, number)}</div>'


def _further_html(questions: Sequence[str]) -> str:
    items = "".join(f"<li>{button(q, 'example_select', q, look='dl-question-button')}</li>" for q in questions)
    return f'<ul class="dl-further" aria-label="Questions to go on with">{items}</ul>' if items else ""


def _actions_html(exchange: Exchange, number: int) -> str:
    answer, value = exchange.answer, str(number)
    link = link_to(exchange.question, exchange.filters)
    copies = [_copy("link", "Copy a link to this question", "Link", f"?{link}")]
    if answer:
        copies.insert(0, _copy("copy", "Copy the answer with its references, as Markdown", "Copy", markdown(answer)))
    if answer and answer.citations:
        copies.insert(1, _copy("bibliography", "Copy the list of sources", "References", bibliography(answer)))
    again = [_act("retry", "Ask again", value, "Ask again"), _act("edit", "Edit the question", value, "Edit")]
    thumbs = [
        _act("like", label, f"{value}:{thumb}", icon_name=icon_name, pressed=exchange.thumb == thumb)
        for thumb, label, icon_name in ((1, "Good answer", "thumb_up"), (-1, "Bad answer", "thumb_down"))
    ]
    return "".join([*copies, *again, *(thumbs if exchange.answer and exchange.place is not None else [])])


def _copy(icon_name: str, label: str, short: str, text: str) -> str:
    return (
        f'<button type="button" class="dl-icon" data-copy="{escape(text)}" aria-label="{label}" title="{label}">'
        f"{icon(icon_name)}<span>{short}</span></button>"
    )


def _act(
    event: str, label: str, value: str, short: str = "", *, icon_name: str = "", pressed: bool | None = None
) -> str:
    state = "" if pressed is None else f' aria-pressed="{str(pressed).lower()}"'
    return (
        f'<button type="button" class="dl-icon" data-event="{event}" data-value="{value}" aria-label="{label}"'
        f' title="{label}"{state}>{icon(icon_name or event)}{f"<span>{short}</span>" if short else ""}</button>'
    )
