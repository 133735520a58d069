"""Articles → chunks → vectors and keywords, on disk."""

import os

# ONNX Runtime sends what models it runs, and on what machine, to its makers unless this is set before it is imported.
# The imports of qa and ui begin here, so that it always is.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
