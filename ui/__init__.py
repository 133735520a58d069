"""How people and programs reach it: the command line, the HTTP API, the chat window."""

import index  # noqa: F401  (what it sets in the environment has to stand before any other import)
