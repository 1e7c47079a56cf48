// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

// The library keeps a list of what is open, without a lock.
static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;

static TDB_DATA bytes_of(const void *bytes, size_t count)
{
    // The library takes no const, and leaves keys and data as they are.
    return (TDB_DATA) { .dptr = (unsigned char *)bytes, .dsize = count };
}

__attribute__((format(printf, 3, 4)))
static void take_log(
    struct tdb_context *tdb, enum tdb_debug_level level, const char *format, ...)
{
    struct clibtdb_log *log = tdb_get_logging_private(tdb);
    if (log == NULL || (log->level >= 0 && log->level < (int)level)) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(log->text, sizeof log->text, format, arguments);
    va_end(arguments);
    log->level = (int)level;
}

void clibtdb_clear(struct clibtdb_log *log)
{
    log->level = -1;
    log->text[0] = 0;
}

struct tdb_context *clibtdb_open(
    const char *path, int hash_size, int tdb_flags, enum clibtdb_access access, mode_t mode,
    struct clibtdb_log *log, int *error)
{
    static const int open_flags[] = { O_RDONLY, O_RDWR, O_RDWR | O_CREAT };
    struct tdb_logging_context logging = { .log_fn = take_log, .log_private = log };
    clibtdb_clear(log);
    pthread_mutex_lock(&opening);
    errno = 0;
    struct tdb_context *tdb = tdb_open_ex(
        path, hash_size, tdb_flags, open_flags[access] | O_CLOEXEC, mode, &logging, NULL);
    *error = tdb == NULL ? (errno != 0 ? errno : EIO) : 0;
    pthread_mutex_unlock(&opening);
    return tdb;
}

void clibtdb_close(struct tdb_context *tdb)
{
    pthread_mutex_lock(&opening);
    tdb_close(tdb);
    pthread_mutex_unlock(&opening);
}

uint8_t *clibtdb_fetch(
    struct tdb_context *tdb, const void *key, size_t key_count, size_t *data_count)
{
    TDB_DATA data = tdb_fetch(tdb, bytes_of(key, key_count));
    *data_count = data.dptr == NULL ? 0 : data.dsize;
    return data.dptr;
}

void clibtdb_free(uint8_t *data) { free(data); }

int clibtdb_exists(struct tdb_context *tdb, const void *key, size_t key_count)
{
    return tdb_exists(tdb, bytes_of(key, key_count));
}

int clibtdb_store(
    struct tdb_context *tdb, const void *key, size_t key_count, const void *first,
    size_t first_count, const void *second, size_t second_count, int flag)
{
    TDB_DATA parts[] = { bytes_of(first, first_count), bytes_of(second, second_count) };
    return tdb_storev(tdb, bytes_of(key, key_count), parts, 2, flag);
}

int clibtdb_delete(struct tdb_context *tdb, const void *key, size_t key_count)
{
    return tdb_delete(tdb, bytes_of(key, key_count));
}

int clibtdb_chainlock(struct tdb_context *tdb, const void *key, size_t key_count)
{
    return tdb_chainlock(tdb, bytes_of(key, key_count));
}

int clibtdb_chainlock_nonblock(struct tdb_context *tdb, const void *key, size_t key_count)
{
    return tdb_chainlock_nonblock(tdb, bytes_of(key, key_count));
}

int clibtdb_chainunlock(struct tdb_context *tdb, const void *key, size_t key_count)
{
    return tdb_chainunlock(tdb, bytes_of(key, key_count));
}

struct visitor {
    clibtdb_visit visit;
    void *context;
};

static int visit_record(struct tdb_context *tdb, TDB_DATA key, TDB_DATA data, void *context)
{
    const struct visitor *visitor = context;
    (void)tdb;
    return visitor->visit(key.dptr, key.dsize, data.dptr, data.dsize, visitor->context);
}

int clibtdb_traverse(
    struct tdb_context *tdb, bool is_reading, clibtdb_visit visit, void *context)
{
    struct visitor visitor = { visit, context };
    return is_reading ? tdb_traverse_read(tdb, visit_record, &visitor)
                      : tdb_traverse(tdb, visit_record, &visitor);
}

int clibtdb_check(struct tdb_context *tdb) { return tdb_check(tdb, NULL, NULL); }

uint32_t clibtdb_jenkins(const void *bytes, size_t count)
{
    TDB_DATA data = bytes_of(bytes, count);
    return tdb_jenkins_hash(&data);
}
