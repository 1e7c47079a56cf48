/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: The Tablecloth authors */

/*
 * Where libFuzzer calls; the Swift program examines the input and never sees a pointer.
 */

#include "CHostileBytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t *input;
static size_t input_size;

uint64_t hostile_input_word(size_t place)
{
	uint64_t word = 0;

	if (place < input_size) {
		size_t rest = input_size - place;

		memcpy(&word, input + place, rest < sizeof(word) ? rest : sizeof(word));
	}
	return word;
}

extern int32_t hostile_examine(size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	input = data;
	input_size = size;
	return hostile_examine(size);
}

void hostile_give_up(void)
{
	fflush(stdout);
	abort();
}
