/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scripts and what GRUB 2.06 itself makes of them: each was run in Debian's grub-emu with a function
 * "say" that prints its arguments one by one. $empty is empty, $two is "c  d", $quote is 'a"b'.
 */
#pragma once

static const struct {
	const char *script, *says;
} grub_cases[] = {
	/* Words and variables. */
	{ "say a 'b c' \"d e\"", "a|b c|d e" },
	{ "say $two \"$two\" x${two}y", "c|d|c  d|xc|dy" },
	{ "say a $empty '' \"\" \"$empty\" b", "a||||b" },
	{ "say a\\ b \\$two \\'", "a b|$two|'" },
	{ "say 'a\\b$two' \"a\\b\\$two\\\"\\\\\"", "a\\b$two|a\\b$two\"\\" },
	{ "say a\\\nb \"c\\\nd\"", "ab|cd" },
	{ "say \"a\nb\"", "a\nb" },
	{ "say $\"hello $two\"", "hello c  d" },
	{ "say a#b # c", "a#b" },
	{ "say $quote \"$quote\"", "a\"b|a\"b" },
	{ "say ${two}$two", "c|dc|d" },
	{ "say /no*such?thing '*'", "/no*such?thing|*" },
	{ "say if then fi", "if|then|fi" },
	{ "say a;say b", "a|b" },

	/* Setting. */
	{ "set a=1; say $a; set a=; say x$a", "1|x" },
	{ "set a=b=c; say $a", "b=c" },
	{ "a=1; say $a", "1" },
	{ "a=$two; say $a", "c" },
	{ "set a=$two; say $a", "c" },
	{ "set a=\"$two\"; say \"$a\"", "c  d" },
	{ "set a=1; unset a; say x$a", "x" },
	{ "set 'a b=1'; say x$a", "x" },

	/* Status. */
	{ "true; say $?; false; say $?", "0|1" },
	{ "set nothing; say $?", "18" },
	{ "if nosuchcommand; then say yes; else say no; fi", "yes" },
	{ "if ! false; then say yes; fi; if ! true; then say no; fi", "yes" },
	{ "function f { return 3\n}; f; say $?", "3" },
	{ "function f { false\n}; f; say $?", "1" },
	{ "function f { false\nreturn\n}; f; say $?", "1" },

	/* Branches and loops. */
	{ "if true; then say a; else say b; fi", "a" },
	{ "if false; then say a; elif true; then say b; else say c; fi", "b" },
	{ "if false; then say a; elif false; then say b; else say c; fi", "c" },
	{ "if false; true; then say a; fi", "a" },
	{ "for i in a $two \"$two\"; do say $i.; done", "a.|c.|d.|c|d." },
	{ "for i in; do say $i; done; say x", "x" },
	{ "set i=; while [ x$i != xaaa ]; do set i=a$i; say $i; done", "a|aa|aaa" },
	{ "set i=; until [ x$i = xaa ]; do set i=a$i; say $i; done", "a|aa" },
	{ "for i in 1 2 3; do if [ $i = 2 ]; then continue; fi; say $i; done", "1|3" },
	{ "for i in 1 2 3; do if [ $i = 2 ]; then break; fi; say $i; done", "1" },
	{ "for i in 1 2; do for j in a b; do if [ $j = b ]; then continue 2; fi; say $i$j; "
	  "done; done",
	  "1a|2a" },
	{ "for i in 1 2; do for j in a b; do break 2; done; say x; done; say y", "y" },

	/* Functions. */
	{ "function f { say $1 $2 $# \"$@\"\n}; f a 'b c'", "a|b|c|2|a|b c" },
	{ "function f { say \"$*\"\n}; f a 'b c'", "a b c" },
	{ "function f { say $*\n}; f a 'b c'", "a|b|c" },
	{ "function f { shift; say $1 $#\n}; f a b", "b|1" },
	{ "function f { setparams x y z; say $2\n}; f a b", "y" },
	{ "function f { say 1; return; say 2\n}; f; say 3", "1|3" },
	{ "function f { say $1; if [ x$1 != xaaa ]; then f a$1; fi\n}; f a", "a|aa|aaa" },
	{ "function f { for i in 1 2; do return\ndone\n}; f; for i in 3 4; do say $i; done",
	  "3|4" },
	{ "function f { say old\n}; function f { say new\n}; f", "new" },
	{ "function true { say mine\n}; true; say x", "x" },
	{ "function f { set a=1\n}; f; say $a", "1" },
	{ "eval say a \\'b c\\'", "a|b c" },

	/* Expressions. */
	{ "if [ ]; then say yes; fi", "yes" },
	{ "if [ $empty ]; then say yes; fi", "yes" },
	{ "if [ \"$empty\" ]; then say yes; else say no; fi", "no" },
	{ "if test a = a; then say yes; fi", "yes" },
	{ "if [ a == b ]; then say yes; else say no; fi", "no" },
	{ "if [ a != b ]; then say yes; fi", "yes" },
	{ "if [ 10 -gt 9 ]; then say yes; fi; if [ 10 '>' 9 ]; then say no; fi", "yes" },
	{ "if [ 1 -lt 2 -a 2 -le 2 -a 3 -ge 3 -a 4 -ne 5 -a 0x10 -eq 16 ]; then say yes; fi",
	  "yes" },
	{ "if [ -n \"$two\" -a -z \"$empty\" ]; then say yes; fi", "yes" },
	{ "if [ -z $empty ]; then say yes; else say no; fi", "yes" },
	{ "if [ -n $empty ]; then say yes; else say no; fi", "yes" },
	{ "if [ a = b -o c = c ]; then say yes; fi", "yes" },
	{ "if [ a = a -o a = a -a a = b ]; then say yes; fi", "yes" },
	{ "if [ a = b -a a = a -o a = b ]; then say yes; else say no; fi", "no" },
	{ "if [ ! a = b ]; then say yes; fi", "yes" },
	{ "if [ ! ( a = b -o a = a ) ]; then say yes; else say no; fi", "no" },
	{ "if [ ( a = b -o a = a ) -a ! ( a = b ) ]; then say yes; fi", "yes" },
	{ "if [ vmlinuz-11 -pgt vmlinuz-2 ]; then say yes; fi", "yes" },
	{ "if [ vmlinuz-2 -plt vmlinuz-11 ]; then say yes; fi", "yes" },
	{ "if [ a b ]; then say yes; fi", "yes" },
	{ "if [ a '' ]; then say yes; else say no; fi", "no" },
	{ "if [ -f $prefix/grub.cfg ]; then say yes; fi", "yes" },
	{ "if [ -d $prefix -a ! -f $prefix -a -e $prefix ]; then say yes; fi", "yes" },
	{ "if [ -s $prefix/grub.cfg -a ! -e $prefix/nothing ]; then say yes; fi", "yes" },
	{ "if [ -f (nosuch)/a ]; then say yes; else say no; fi", "no" },

	{ "if [ $prefix/grub.cfg -nt $prefix/none ]; then say yes; fi", "yes" },
	{ "if [ $prefix/none -ot $prefix/grub.cfg ]; then say yes; fi", "yes" },

	/* Regular expressions. */
	{ "regexp --set=1:v 'new(.*)' xnew10; say $? \"$v\"", "0|10" },
	{ "regexp -s 2:w '(n)(e)' newer; say $? \"$w\"", "0|e" },
	{ "regexp --set u 'n.w' anewb; say $? \"$u\"", "0|" },
	{ "regexp '^ew' newer; say $?", "1" },
	{ "regexp '(' newer; say $?", "1" },

	/* What GRUB sets. */
	{ "say x$feature_menuentry_id $feature_200_final$feature_timeout_style", "xy|yy" },
	{ "if [ ($root)/x = ${prefix}x ]; then say yes; else say no; fi", "no" },
	{ "if [ $config_directory = $prefix ]; then say yes; fi", "yes" },
	{ "if [ $config_file = $prefix/grub.cfg ]; then say yes; fi", "yes" },
};
