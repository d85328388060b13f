/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest whose processor the test drives: does on its own what QEMU's qtest
 * protocol has QEMU do, so that tests work with a processor of KVM's, too.
 *
 * Reads commands from the first serial port, one a line, answers OK or OK VALUE:
 *
 *	outb|outw|outl PORT VALUE		inb|inw|inl PORT
 *	writeb|writew|writel ADDRESS VALUE	readb|readw|readl ADDRESS
 *
 * Booted by multiboot into 32-bit mode, without paging.  Interrupts are never
 * taken: they stay in the local APIC for the test to see.
 */

#include <stdint.h>

#define SERIAL		0x3f8
#define LINE_STATUS	(SERIAL + 5)

#define MULTIBOOT	0x1badb002u

__attribute__((section(".multiboot"), used))
static const uint32_t multiboot[3] = { MULTIBOOT, 0, -MULTIBOOT };

uint8_t stack[8192];

__asm__(".globl start\n"
	"start:	mov $stack + 8192, %esp\n"
	"	call run\n");

static uint32_t in(uint16_t port, int size)
{
	uint32_t value = 0;

	if (size == 1)
		__asm__ volatile("inb %1, %b0" : "+a"(value) : "Nd"(port));
	else if (size == 2)
		__asm__ volatile("inw %1, %w0" : "+a"(value) : "Nd"(port));
	else
		__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void out(uint16_t port, uint32_t value, int size)
{
	if (size == 1)
		__asm__ volatile("outb %b0, %1" : : "a"(value), "Nd"(port));
	else if (size == 2)
		__asm__ volatile("outw %w0, %1" : : "a"(value), "Nd"(port));
	else
		__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static void put(char c)
{
	while (!(in(LINE_STATUS, 1) & 0x20))
		;
	out(SERIAL, c, 1);
}

static void say(const char *text)
{
	while (*text)
		put(*text++);
}

static void say_hex(uint32_t value)
{
	int shift;

	say(" 0x");
	for (shift = 28; shift >= 0; shift -= 4)
		put("0123456789abcdef"[value >> shift & 15]);
}

static char get(void)
{
	while (!(in(LINE_STATUS, 1) & 1))
		;
	return in(SERIAL, 1);
}

/* Up to a blank or the end of the line, which is returned. */
static char get_word(char *word, int size)
{
	int length = 0;
	char c;

	for (c = get(); c != ' ' && c != '\n'; c = get())
		if (length < size - 1)
			word[length++] = c;
	word[length] = '\0';
	return c;
}

static uint32_t number(const char *hex)
{
	uint32_t value = 0;

	for (hex += 2; *hex; hex++)
		value = value << 4 | (*hex <= '9' ? *hex - '0' : *hex - 'a' + 10);
	return value;
}

static uint32_t load(uint32_t address, int size)
{
	if (size == 1)
		return *(volatile uint8_t *)address;
	return size == 2 ? *(volatile uint16_t *)address : *(volatile uint32_t *)address;
}

static void store(uint32_t address, uint32_t value, int size)
{
	if (size == 1)
		*(volatile uint8_t *)address = value;
	else if (size == 2)
		*(volatile uint16_t *)address = value;
	else
		*(volatile uint32_t *)address = value;
}

/* The first letter says what, the last one how wide. */
void run(void)
{
	char verb[16], address[24], value[24];
	int size, length;

	say("OK\n");
	for (;;) {
		get_word(verb, sizeof(verb));
		for (length = 0; verb[length]; length++)
			;
		size = verb[length - 1] == 'b' ? 1 : verb[length - 1] == 'w' ? 2 : 4;
		if (get_word(address, sizeof(address)) == ' ')
			get_word(value, sizeof(value));
		if (verb[0] == 'o')
			out(number(address), number(value), size);
		else if (verb[0] == 'w')
			store(number(address), number(value), size);
		say("OK");
		if (verb[0] == 'i')
			say_hex(in(number(address), size));
		else if (verb[0] == 'r')
			say_hex(load(number(address), size));
		say("\n");
	}
}
