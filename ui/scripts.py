"""What the page does in the browser by itself, as scripts that Gradio runs. None of them sends anything."""

from pathlib import Path

PAGE = Path(__file__).with_name("page.js")
"""Copying, showing a quote, closing the reader: for the whole page."""

# What a click on `markup.button` does. It may ask first: another click, before the focus leaves it, is the answer. The
# second of a double click is none, nor is one on what was the button of another row before its list was drawn anew.
CLICKS = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-event]");
  if (!button) return;
  const label = button.firstElementChild;
  const sure = button.classList.contains("dl-sure") && button.sure === button.dataset.value;
  if (button.dataset.confirm && sure && event.detail > 1) return;
  if (button.dataset.confirm && !sure) {
    const words = label.textContent;
    label.textContent = button.dataset.confirm;
    button.classList.add("dl-sure");
    button.sure = button.dataset.value;
    button.focus();  // not every browser does that on a click
    button.addEventListener("blur", () => {
      label.textContent = words;
      button.classList.remove("dl-sure");
    }, {once: true});
    return;
  }
  trigger(button.dataset.event, {value: button.dataset.value});
});
"""

# Escape leaves an edit. A new question comes to the top of the window, why one cannot be asked into view. The address
# names the conversation, so that a reload opens it again.
FOLLOW = """
document.addEventListener("keydown", (event) => {
  const editing = element.querySelector(".dl-later") && !document.querySelector("dialog[open]");
  if (event.key === "Escape" && editing) trigger("undo");
});
let last = null;
watch("value", () => {
  const asked = [...element.querySelectorAll(".dl-exchange")].at(-1);
  if (asked && asked.id !== last) {
    if (asked.previousElementSibling.matches(".dl-exchange")) asked.scrollIntoView({block: "start"});
    else scrollTo(0, 0);
  }
  last = asked?.id;
  element.querySelector(".dl-talk ~ .dl-note")?.scrollIntoView({block: "center"});
  const talk = element.querySelector("[data-conversation]")?.dataset.conversation;
  if (talk === undefined) return;
  const url = new URL(location.href);
  for (const name of ["q", "from", "to", "publisher", "c"]) url.searchParams.delete(name);
  if (talk) url.searchParams.set("c", talk);
  if (url.href !== location.href) history.replaceState(history.state, "", url);
});
"""

# A list that comes in late, or was looked for before the last word was heard, is looked for again.
SOUGHT = """
watch("value", () => {
  const shown = element.querySelector("[data-sought]")?.dataset.sought;
  const typed = document.querySelector("#find textarea, #find input")?.value ?? shown;
  if (shown !== undefined && shown !== typed) trigger("submit", {value: typed});
});
"""

CHANGED_DAYS = """
element.addEventListener("change", () => {
  const [since, until] = [...element.querySelectorAll("input")].map((input) => input.value);
  props.value = {since, until};
  trigger("input");
});
"""

DAY_CHANGED = """
element.addEventListener("change", (event) => {
  props.value = event.target.value;
  trigger("input");
});
"""

OPEN_READER = """() => setTimeout(() => {
  const reader = document.querySelector("#reader dialog");
  if (!reader) return;
  if (!reader.open) reader.showModal();
  reader.querySelector("h2").focus();
  reader.scrollTop = 0;
  document.getElementById(reader.dataset.at)?.nextElementSibling?.scrollIntoView({block: "center"});
}, 50)"""

TO_THE_BOX = """() => setTimeout(() => {
  const box = document.querySelector("#question textarea");
  box.focus();
  box.setSelectionRange(box.value.length, box.value.length);
}, 100)"""
