"""Gradio, told to report to nobody and to fetch nothing. The page's modules take it from here."""

import os
from typing import Any

# Without exactly this word it reports each start to its makers.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr
from gradio import processing_utils

__all__ = ["PLAIN", "QUIET", "gr"]

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
"""Options of an event that shows its own progress, and is none of the API's."""
PLAIN: dict[str, Any] = {"apply_default_css": False}
"""Options of HTML that chat.css alone is for."""


async def _fetch_nothing(url: str, cache_dir: str) -> str:
    """Refuse to fetch: Gradio would, for whoever names an address in the place of an uploaded file, in any field."""
    raise gr.Error("Files are uploaded; an address goes into its own field.", print_exception=False)


processing_utils.async_ssrf_protected_download = _fetch_nothing
