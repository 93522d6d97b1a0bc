# SPDX-License-Identifier: GPL-2.0-or-later
"""The two ways the lab can fail to give a result, kept apart because they are told apart."""


class Unavailable(Exception):
    """Something the lab needs cannot be had here; a test is skipped and says this text."""


class LabError(Exception):
    """The lab had all it needs and it went wrong; a test fails with this text."""
