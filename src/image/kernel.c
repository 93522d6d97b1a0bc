// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kernels told by their magic numbers, before the kernel is asked: its ENOEXEC says neither that
 * the file is an initrd nor that it is for another machine.
 */
#include "image/kernel.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* COMMAND_LINE_SIZE of arm64, powerpc and most others, without the NUL. */
#define USUAL_CMDLINE_LIMIT 2047

/* A file's first bytes; reads beyond them give 0. */
struct head {
	const uint8_t *bytes;
	size_t length;
};

static bool has(const struct head *h, size_t offset, const void *magic, size_t size)
{
	return offset <= h->length && h->length - offset >= size &&
	       !memcmp(h->bytes + offset, magic, size);
}
#define HAS(h, offset, literal) has(h, offset, literal, sizeof(literal) - 1)

static uint16_t le16(const struct head *h, size_t offset)
{
	if (offset + 2 > h->length)
		return 0;
	return (uint16_t)(h->bytes[offset] | h->bytes[offset + 1] << 8);
}

static uint32_t le32(const struct head *h, size_t offset)
{
	return le16(h, offset) | (uint32_t)le16(h, offset + 2) << 16;
}

/* 0x1f1: setup_sects, sectors of real-mode code behind the first; 0x1f4: syssize, the rest, in
 * units of 16 bytes. */
static uint64_t x86_file_size(const struct head *h)
{
	unsigned int sectors = h->bytes[0x1f1] ?: 4;

	return (sectors + 1) * 512 + (uint64_t)le32(h, 0x1f4) * 16;
}

/*
 * Linux: Documentation/arch/x86/boot.rst. 0x1fe: boot flag, 0x202: "HdrS", 0x206: protocol,
 * 0x236: xloadflags (bit 0: has a 64-bit entry; from 2.12), 0x238: cmdline_size (from 2.06).
 */
static bool is_x86(const struct head *h, struct kernel_info *info)
{
	uint16_t protocol = le16(h, 0x206);
	uint32_t size = 255;

	if (le16(h, 0x1fe) != 0xaa55 || !HAS(h, 0x202, "HdrS"))
		return false;
	/* The field excludes the NUL; the kexec loaders count it in all the same. */
	if (protocol >= 0x0206 && le32(h, 0x238))
		size = le32(h, 0x238);
	info->kind = "x86 bzImage";
	info->machine = protocol >= 0x020c && le16(h, 0x236) & 1 ? "x86_64" : "i686";
	info->cmdline_limit = size - 1;
	info->file_size = x86_file_size(h);
	return true;
}

/* Linux: Documentation/arch/arm64/booting.rst, 4. */
static bool is_arm64(const struct head *h, struct kernel_info *info)
{
	info->kind = "arm64 Image";
	info->machine = "aarch64";
	return HAS(h, 56, "ARM\x64");
}

/* Linux: Documentation/arch/riscv/boot-image-header.rst; magic2. */
static bool is_riscv(const struct head *h, struct kernel_info *info)
{
	info->kind = "RISC-V Image";
	info->machine = "riscv64";
	info->cmdline_limit = 1023;
	return HAS(h, 56, "RSC\x05");
}

/* PE/COFF: 0x3c is the offset of "PE\0\0", whose next two bytes are the machine. */
static const char *pe_machine(const struct head *h)
{
	uint32_t at = le32(h, 0x3c);

	if (at > h->length || !HAS(h, at, "PE\0\0"))
		return NULL;
	switch (le16(h, at + 4)) {
	case 0x8664:
		return "x86_64";
	case 0xaa64:
		return "aarch64";
	case 0x5064:
		return "riscv64";
	case 0x6264:
		return "loongarch64";
	default:
		return NULL;
	}
}

/* Linux: drivers/firmware/efi/libstub/zboot-header.S. */
static bool is_zboot(const struct head *h, struct kernel_info *info)
{
	info->kind = "compressed EFI image (zboot)";
	info->machine = pe_machine(h);
	return HAS(h, 0, "MZ") && HAS(h, 4, "zimg");
}

static bool is_gzip(const struct head *h, struct kernel_info *info)
{
	info->kind = "gzip-compressed image";
	info->machine = NULL;
	return HAS(h, 0, "\x1f\x8b\x08");
}

/* ELF fields are in the file's byte order. */
static uint64_t elf_field(const struct head *h, size_t offset, size_t size)
{
	bool big = h->bytes[EI_DATA] == ELFDATA2MSB;
	uint64_t value = 0;

	if (offset > h->length || size > h->length - offset)
		return 0;
	for (size_t i = 0; i < size; i++)
		value = value << 8 | h->bytes[offset + (big ? i : size - 1 - i)];
	return value;
}

static const char *elf_machine(const struct head *h)
{
	bool is64 = h->bytes[EI_CLASS] == ELFCLASS64;

	switch (elf_field(h, offsetof(Elf64_Ehdr, e_machine), 2)) {
	case EM_X86_64:
		return "x86_64";
	case EM_386:
		return "i686";
	case EM_AARCH64:
		return "aarch64";
	case EM_PPC64:
		return h->bytes[EI_DATA] == ELFDATA2MSB ? "ppc64" : "ppc64le";
	case EM_PPC:
		return "ppc";
	case EM_S390:
		return "s390x";
	case EM_RISCV:
		return is64 ? "riscv64" : "riscv32";
	default:
		return NULL;
	}
}

struct segment {
	uint64_t type, offset, size;
};

/* The program header @index that lies within the head; false behind the last. */
static bool elf_segment(const struct head *h, uint64_t index, struct segment *ret)
{
#define FIELD(header, member)                                                                      \
	(h->bytes[EI_CLASS] == ELFCLASS64 ? elf_field(h, at + offsetof(Elf64_##header, member),    \
						      sizeof(((Elf64_##header *)0)->member))       \
					  : elf_field(h, at + offsetof(Elf32_##header, member),    \
						      sizeof(((Elf32_##header *)0)->member)))
	uint64_t at = 0;

	if (index >= FIELD(Ehdr, e_phnum))
		return false;
	at = FIELD(Ehdr, e_phoff) + index * FIELD(Ehdr, e_phentsize);
	if (at >= h->length)
		return false;
	ret->type = FIELD(Phdr, p_type);
	ret->offset = FIELD(Phdr, p_offset);
	ret->size = FIELD(Phdr, p_filesz);
	return true;
#undef FIELD
}

/* A program, unlike a kernel, has use for a dynamic loader, thread-local storage or relocations
 * that are read-only later; kexec-tools of arm64 dies of one. */
static bool elf_is_program(const struct head *h)
{
	struct segment segment;

	for (uint64_t i = 0; elf_segment(h, i, &segment); i++)
		if (segment.type == PT_INTERP || segment.type == PT_TLS ||
		    segment.type == PT_GNU_RELRO)
			return true;
	return false;
}

/* The end of the last segment. */
static uint64_t elf_file_size(const struct head *h)
{
	struct segment segment;
	uint64_t size = 0;

	for (uint64_t i = 0; elf_segment(h, i, &segment); i++)
		if (segment.offset + segment.size > size)
			size = segment.offset + segment.size;
	return size;
}

static bool is_elf_file(const struct head *h)
{
	return h->length >= sizeof(Elf32_Ehdr) && HAS(h, 0, ELFMAG);
}

static bool is_elf(const struct head *h, struct kernel_info *info)
{
	uint64_t type;

	if (!is_elf_file(h))
		return false;
	type = elf_field(h, offsetof(Elf64_Ehdr, e_type), 2);
	info->kind = "ELF image";
	info->machine = elf_machine(h);
	info->file_size = elf_file_size(h);
	return (type == ET_EXEC || type == ET_DYN) && !elf_is_program(h);
}

/* bzImage and arm64's Image may begin with the "MZ" of an EFI program too: they come first. */
static bool (*const recognisers[])(const struct head *, struct kernel_info *) = {
	is_x86, is_arm64, is_riscv, is_zboot, is_elf, is_gzip,
};

static const struct {
	size_t offset;
	const char *magic;
	size_t size;
	const char *what;
} others[] = {
#define OTHER(offset, magic, what)                                                                 \
	{                                                                                          \
		offset, magic, sizeof(magic) - 1, what                                             \
	}
	OTHER(0, "070701", "a cpio archive: is it the initrd?"),
	OTHER(0, "070702", "a cpio archive: is it the initrd?"),
	OTHER(0,
	      "\xfd"
	      "7zXZ",
	      "xz-compressed data: an initrd, or a kernel to be unpacked first"),
	OTHER(0, "\x28\xb5\x2f\xfd",
	      "zstd-compressed data: an initrd, or a kernel to be unpacked first"),
	OTHER(0, "\x04\x22\x4d\x18",
	      "lz4-compressed data: an initrd, or a kernel to be unpacked first"),
	OTHER(0, "\x02\x21\x4c\x18",
	      "lz4-compressed data: an initrd, or a kernel to be unpacked first"),
	OTHER(0, "BZh", "bzip2-compressed data: an initrd, or a kernel to be unpacked first"),
	OTHER(0, "\x27\x05\x19\x56", "a U-Boot image: give the kernel it was made from"),
	OTHER(0, "\xd0\x0d\xfe\xed", "a device tree or a FIT image"),
	OTHER(0, "#!", "a script"),
	OTHER(0, "MZ", "an EFI program: a unified kernel image has to be taken apart first"),
	OTHER(0x438, "\x53\xef", "an ext file system"),
	OTHER(0x1fe, "\x55\xaa", "a disk or its boot sector"),
#undef OTHER
};

static bool is_text(const struct head *h)
{
	for (size_t i = 0; i < h->length; i++) {
		uint8_t c = h->bytes[i];

		if (c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f')
			return false;
	}
	return true;
}

static const char *looks_like(const struct head *h)
{
	if (!h->length)
		return "an empty file";
	if (is_elf_file(h))
		return elf_is_program(h) ? "a program" : "an object file or a kernel module";
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (has(h, others[i].offset, others[i].magic, others[i].size))
			return others[i].what;
	return is_text(h) ? "text" : "nothing that kexit knows";
}

int kernel_recognise(const char *name, const void *bytes, size_t length,
		     struct kernel_info *ret_info, struct error *e)
{
	struct head head = { .bytes = bytes, .length = length };

	for (size_t i = 0; i < sizeof(recognisers) / sizeof(recognisers[0]); i++) {
		struct kernel_info info = { .cmdline_limit = USUAL_CMDLINE_LIMIT };

		if (!recognisers[i](&head, &info))
			continue;
		*ret_info = info;
		return 0;
	}
	return error_set(e, -ENOEXEC, "%s is not a kernel: it looks like %s", name,
			 looks_like(&head));
}

int kernel_is_whole(const char *name, const struct kernel_info *info, uint64_t size,
		    struct error *e)
{
	if (size >= info->file_size)
		return 0;
	return error_set(
		e, -ENODATA,
		"%s is cut short: it has %llu bytes, and its header says %llu: copy it again", name,
		(unsigned long long)size, (unsigned long long)info->file_size);
}

/* Machines that start each other's kernels. */
static const char *family(const char *machine)
{
	static const char *const families[][2] = {
		{ "x86_64", "x86" },	{ "i386", "x86" },	     { "i486", "x86" },
		{ "i586", "x86" },	{ "i686", "x86" },	     { "ppc64", "ppc64" },
		{ "ppc64le", "ppc64" }, { "aarch64_be", "aarch64" },
	};

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (!strcmp(machine, families[i][0]))
			return families[i][1];
	return machine;
}

int kernel_fits(const char *name, const struct kernel_info *info, const char *machine,
		struct error *e)
{
	if (info->machine && strcmp(family(info->machine), family(machine)) != 0)
		return error_set(
			e, -ENOEXEC,
			"%s is a kernel for %s (%s), and this machine is %s: give a kernel "
			"for %s",
			name, info->machine, info->kind, machine, machine);
	/* An x86 kernel unpacks itself; what comes compressed there is nearly always an initrd. */
	if (!info->machine && !strcmp(family(machine), "x86"))
		return error_set(
			e, -ENOEXEC,
			"%s is not a kernel: it looks like a %s, which on %s is an initrd, "
			"or a kernel to be unpacked first",
			name, info->kind, machine);
	return 0;
}
