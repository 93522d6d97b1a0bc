/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys as the menu knows them, whatever terminal sent them. A key below KEY_SPECIAL is the character
 * itself (0x20 to 0x7e).
 */
#pragma once

enum ui_key {
	UI_KEY_NONE = 0,
	UI_KEY_SPECIAL = 0x100,
	UI_KEY_UP = UI_KEY_SPECIAL,
	UI_KEY_DOWN,
	UI_KEY_LEFT,
	UI_KEY_RIGHT,
	UI_KEY_HOME,
	UI_KEY_END,
	UI_KEY_PAGE_UP,
	UI_KEY_PAGE_DOWN,
	UI_KEY_ENTER,
	UI_KEY_ESCAPE,
	UI_KEY_TAB,
	UI_KEY_BACKSPACE,
	UI_KEY_DELETE,
	UI_KEY_DELETE_WORD, /* ^W: the word before the cursor */
	UI_KEY_CUT_HEAD,    /* ^U: all before the cursor */
	UI_KEY_CUT_TAIL,    /* ^K: all from the cursor on */
	UI_KEY_REPAINT,	    /* ^L */
};
