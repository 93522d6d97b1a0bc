# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the repository and its cache are: the one place that knows the layout on disk."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
CACHE = REPOSITORY / ".cache"
GUEST = Path(__file__).resolve().parent / "guest"
