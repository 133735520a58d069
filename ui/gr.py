"""Gradio, told before it is imported to report to nobody. The page's modules take it from here."""

import os
from typing import Any

# Without exactly this word it reports each start to its makers.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr

__all__ = ["PLAIN", "QUIET", "gr"]

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
"""Options of an event that shows its own progress, and is none of the API's."""
PLAIN: dict[str, Any] = {"apply_default_css": False}
"""Options of HTML that chat.css alone is for."""
