/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: The Tablecloth authors */

/*
 * Counts memory as it is allocated. With the address sanitizer, by its hooks; otherwise by taking
 * the place of the C library's functions, which go on to those of the library.
 */

#include "CHostileBytes.h"

#include <malloc.h>
#include <time.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif

static __thread int64_t in_use;
static __thread int64_t most;
static __thread int64_t allocations;

void hostile_count_start(void)
{
	in_use = 0;
	most = 0;
	allocations = 0;
}

int64_t hostile_count_most(void) { return most; }
int64_t hostile_count_allocations(void) { return allocations; }

int64_t hostile_cpu_nanoseconds(void)
{
	struct timespec time = { 0, 0 };

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void count(size_t size)
{
	in_use += (int64_t)size;
	allocations++;
	if (in_use > most)
		most = in_use;
}

#ifdef HAS_SANITIZER

extern size_t __sanitizer_get_allocated_size(const volatile void *pointer);

void __sanitizer_malloc_hook(const volatile void *pointer, size_t size);
void __sanitizer_free_hook(const volatile void *pointer);

void __sanitizer_malloc_hook(const volatile void *pointer, size_t size)
{
	(void)pointer;
	count(size);
}

void __sanitizer_free_hook(const volatile void *pointer)
{
	if (pointer)
		in_use -= (int64_t)__sanitizer_get_allocated_size(pointer);
}

#else

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t number, size_t size);
extern void *__libc_realloc(void *pointer, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *pointer);

static void *counted(void *pointer)
{
	if (pointer)
		count(malloc_usable_size(pointer));
	return pointer;
}

void *malloc(size_t size) { return counted(__libc_malloc(size)); }
void *calloc(size_t number, size_t size) { return counted(__libc_calloc(number, size)); }

void *realloc(void *old, size_t size)
{
	size_t before = old ? malloc_usable_size(old) : 0;
	void *pointer = __libc_realloc(old, size);

	if (pointer || size == 0)
		in_use -= (int64_t)before;
	return counted(pointer);
}

void *memalign(size_t alignment, size_t size)
{
	return counted(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return counted(__libc_memalign(alignment, size));
}

int posix_memalign(void **result, size_t alignment, size_t size)
{
	void *pointer = counted(__libc_memalign(alignment, size));

	if (!pointer)
		return 12; /* ENOMEM */
	*result = pointer;
	return 0;
}

void free(void *pointer)
{
	if (pointer)
		in_use -= (int64_t)malloc_usable_size(pointer);
	__libc_free(pointer);
}

#endif
