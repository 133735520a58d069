"""The Articles tab: what there is, to be found, read and removed, beside the form that adds to it."""

from typing import Any

from index.errors import DatelineError
from ui.adding import Adding
from ui.gr import PLAIN, QUIET, gr
from ui.lists import articles_html
from ui.markup import message_html
from ui.scripts import CLICKS, OPEN_READER, SOUGHT
from ui.service import Service
from ui.sources import reader_html
from ui.visit import may_change, of, resumed

LISTED = 50
"""Articles that are listed at first, and that each "Show more" adds."""
TO_THE_FORM = '<button type="button" class="dl-text-button" data-to="#adding">Add articles</button>'


class Shelf:
    """What happens in this tab, over one service. Each public method but `build` is an event of it."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def build(self, page: gr.Blocks, tab: gr.Tab, reader: gr.HTML) -> list[Any]:
        """Put the tab together where one stands in the page; the events after which other articles are there."""
        length, sought = gr.State(LISTED), gr.State("")
        with gr.Row(elem_id="shelf"):
            with gr.Column(scale=3):
                gr.HTML(TO_THE_FORM, elem_id="to-the-form", **PLAIN)
                words = gr.Textbox(
                    elem_id="find", label="Find an article", placeholder="Find by title, author or publisher",
                    show_label=False, container=False, max_lines=1,
                )  # fmt: skip
                removal = gr.HTML(elem_id="removal", **PLAIN)
                listed = gr.HTML(elem_id="listed", js_on_load=CLICKS + SOUGHT, **PLAIN)
            changed = Adding(self._service).build(page)
        removed = listed.delete(self.remove, None, removal, **QUIET)
        listed.select(self.read, None, reader, **QUIET).then(None, js=OPEN_READER, **QUIET)
        # in order, and with the words that were last looked for: or the list of older ones could come in last
        in_order: dict[str, Any] = {"concurrency_id": "find", **QUIET}
        words.change(self.find, words, [listed, length, sought], trigger_mode="always_last", **in_order)
        listed.submit(self.typed, None, [listed, length, sought], trigger_mode="always_last", **in_order)
        listed.expand(self.more, [sought, length], [listed, length], **in_order)
        for event in (removed.then, *(event.then for event in changed)):
            event(self.again, [sought, length], listed, **in_order)
        tab.select(self.again, [sought, length], listed, **in_order).then(lambda: "", None, removal, **QUIET)
        return [*changed, removed]

    def find(self, words: str, request: gr.Request) -> tuple[str, int, str]:
        """The newest articles that have these words in title, author or publisher."""
        return self.again(words, LISTED, request), LISTED, words

    def typed(self, event: gr.EventData, request: gr.Request) -> tuple[str, int, str]:
        """The same, of the words that stand in the box."""
        return self.find(event.value, request)

    def more(self, words: str, length: int, request: gr.Request) -> tuple[str, int]:
        """The same, and some that are older."""
        return self.again(words, length + LISTED, request), length + LISTED

    def again(self, words: str, length: int, request: gr.Request) -> str:
        """As many as are listed, as they are now."""
        try:
            total, found = self._service.find_articles(words, length)
        except DatelineError as error:
            return message_html(str(error))
        return articles_html(found, total, sought=words, step=LISTED, removable=may_change(request.request))

    def read(self, event: gr.EventData) -> str:
        """The whole of an article."""
        try:
            return reader_html(self._service.article(event.value))
        except DatelineError as error:  # removed meanwhile
            return message_html(str(error))

    def remove(self, event: gr.EventData, request: gr.Request) -> str:
        """Remove an article. It is asked for in a queue, after the request: it goes on with that one's visit."""
        try:
            title = self._service.article(event.value).title
            with resumed(of(request.request)):
                self._service.remove(event.value)
        except DatelineError as error:
            return message_html(str(error))
        return message_html(f"Removed: {title}")
