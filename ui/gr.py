"""Gradio, told before it is imported to report to nobody. The page's modules take it from here."""

import os
from typing import Any

# Without exactly this word it reports each start to its makers.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr

__all__ = ["CLICKS", "PLAIN", "QUIET", "gr"]

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
"""Options of an event that shows its own progress, and is none of the API's."""
PLAIN: dict[str, Any] = {"apply_default_css": False}
"""Options of HTML that chat.css alone is for."""

# What a click on `markup.button` does. It may ask first: the second click within four seconds is the answer.
CLICKS = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-event]");
  if (!button) return;
  const label = button.firstElementChild;
  if (button.dataset.confirm && !button.classList.contains("dl-sure")) {
    const words = label.textContent;
    label.textContent = button.dataset.confirm;
    button.classList.add("dl-sure");
    setTimeout(() => { label.textContent = words; button.classList.remove("dl-sure"); }, 4000);
    return;
  }
  trigger(button.dataset.event, {value: button.dataset.value});
});
"""
