"""Question → hits → composed answer → verified answer."""

import index  # noqa: F401  (what it sets in the environment has to stand before any other import)
