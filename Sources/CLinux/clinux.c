// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

// What the headers of a module cannot have, for it needs _GNU_SOURCE.
#define _GNU_SOURCE
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include "clinux.h"
#include "clinux_child.h"
#include "clinux_network.h"
#include "clinux_process.h"
#include "clinux_thread.h"

/// Code is mapped from its file and never written, so nothing is lost with a page.
static int drop_code_of(struct dl_phdr_info *object, size_t size, void *context) {
    (void)size;
    (void)context;
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int at = 0; at < object->dlpi_phnum; at++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[at];
        if (part->p_type != PT_LOAD || !(part->p_flags & PF_X) || (part->p_flags & PF_W))
            continue;
        const uintptr_t start = (uintptr_t)object->dlpi_addr + part->p_vaddr;
        const uintptr_t first = start & ~(page - 1);
        (void)madvise((void *)first, start - first + part->p_memsz, MADV_DONTNEED);
    }
    return 0;
}

void clinux_drop_code(void) { (void)dl_iterate_phdr(drop_code_of, NULL); }
