/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: The Tablecloth authors */

#ifndef TABLECLOTH_HOSTILE_BYTES_H
#define TABLECLOTH_HOSTILE_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* Counts what this thread allocates from now on. */
void hostile_count_start(void);
/* The most bytes in use since then, above those in use then. */
int64_t hostile_count_most(void);
/* How often memory was allocated since then. */
int64_t hostile_count_allocations(void);
/* Processor time of this thread, in nanoseconds. */
int64_t hostile_cpu_nanoseconds(void);

/* Eight bytes of libFuzzer's input from a place on; those behind its end are 0. */
uint64_t hostile_input_word(size_t place);
/* Ends the program in a way that libFuzzer takes for a crash. */
void hostile_give_up(void);

#endif
