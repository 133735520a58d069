"""What may know of what: one direction of imports, one module for each library, and nothing done on import."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(p for folder in ("index", "qa", "ui") for p in (ROOT / folder).rglob("*.py"))
MODULES = [".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for p in FILES]

MAY_IMPORT = {"index": {"index"}, "qa": {"qa", "index"}, "ui": {"ui", "qa", "index"}}
ONLY_IN = {
    "chromadb": {"index/vectors.py"},
    "gradio": {"ui/gr.py"},
    "sqlite3": {
        f"index/{name}.py" for name in ("library", "snapshot", "transaction", "keywords", "history", "stories")
    },
    "sentence_transformers": {"index/embed.py"},
    "tiktoken": {"index/tokens.py"},
    "filelock": {"index/lock.py"},
    "dateparser": {"qa/times.py"},
    "openai": {"qa/llm.py"},
    "onnxruntime": {"index/int8.py", "qa/rerank.py"},
    "httpcore": {"index/connect.py"},
    "feedparser": {"index/feed.py"},
    "protego": {"index/robots.py"},
    "trafilatura": {"index/page.py", "qa/evaluate_html.py"},
    "pypdf": {"index/pdf.py"},
    "babel": {"index/language.py"},
    "py3langid": {"index/language.py"},
    "datasketch": {"index/stories.py"},
    "stop_words": {"index/keywords.py"},
    "Stemmer": {"index/keywords.py"},
    "mcp": {"ui/mcp_routes.py"},
    "limits": {"ui/rates.py"},
    "ray": {"index/ray_engine.py"},
    "prometheus_client": {"ui/monitor.py"},
}


@cache
def imported(path: Path) -> frozenset[str]:
    """Every module that a file imports, wherever in it."""
    return frozenset(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    package = path.relative_to(ROOT).parts[0]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield f"{package}.{node.module or ''}" if node.level else str(node.module)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("__import__", "importlib.import_module"):
            yield ast.literal_eval(node.args[0])


def importers(library: str) -> set[str]:
    return {str(p.relative_to(ROOT)) for p in FILES for name in imported(p) if name.split(".")[0] == library}


def test_there_are_files_to_look_at() -> None:
    assert {"index.store", "qa.ask", "ui.cli"} < set(MODULES)
    assert "index.library" in imported(ROOT / "index" / "store.py")


def test_imports_run_from_ui_to_qa_to_index_only() -> None:
    ours = set(MAY_IMPORT) | {"tests"}
    wrong = [
        (str(p.relative_to(ROOT)), name)
        for p in FILES
        for name in imported(p)
        if name.split(".")[0] in ours - MAY_IMPORT[p.relative_to(ROOT).parts[0]]
    ]
    assert wrong == []


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_comes_in_through_its_own_module_only(library: str) -> None:
    assert importers(library) == ONLY_IN[library]


@pytest.mark.parametrize("library", ["fastapi", "uvicorn", "starlette", "click"])
def test_the_web_and_the_command_line_are_known_to_ui_only(library: str) -> None:
    found = importers(library)
    assert found
    assert {name.split("/")[0] for name in found} == {"ui"}


def run(code: str, folder: Path) -> str:
    """What a fresh Python prints for some code, run in a folder."""
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_command_line_starts_without_what_takes_seconds_to_import(tmp_path: Path) -> None:
    loaded = set(run("import sys, ui.cli; print(*sys.modules)", tmp_path).split())
    assert "ui.cli" in loaded
    assert (
        loaded
        & {
            "torch",
            "chromadb",
            "mcp",
            "fastapi",
            "gradio",
            "transformers",
            "sentence_transformers",
            "onnxruntime",
            "babel",
        }
        == set()
    )


WATCHED = f"""
import importlib, sys

def watch(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.bind", "os.mkdir"):
        print(event, args, flush=True)
    if event == "open" and str(args[0]).endswith((".safetensors", ".onnx", ".sqlite3", ".tiktoken.gz")):
        print(event, args[0], flush=True)

sys.addaudithook(watch)
for name in {MODULES!r}:
    importlib.import_module(name)
print("done")
"""


def test_importing_makes_no_folder_reads_no_model_and_connects_to_nothing(tmp_path: Path) -> None:
    assert run(WATCHED, tmp_path) == "done\n"
    assert list(tmp_path.iterdir()) == []
