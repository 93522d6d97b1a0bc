/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text that came from a disk, made safe for a terminal. A title that holds ESC or, for a terminal of
 * eight bits, 0x9b (ECMA-48: CSI) would else move the cursor, or answer in a person's place.
 */
#pragma once

/*
 * What is shown for @byte of a text: itself where it is printable ASCII, 0 where it goes on with a
 * character that an earlier byte began (UTF-8), else '?': a serial console's encoding is not known.
 */
char plain_byte(unsigned char byte);

/* All of @text in place, and shorter where it had UTF-8. Returns @text. */
char *plain_text(char *text);
