// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

// libtdb for Swift: what the library's own header leaves out, and what Swift cannot call.

#ifndef TABLECLOTH_CLIBTDB_SHIM_H
#define TABLECLOTH_CLIBTDB_SHIM_H

// tdb.h uses mode_t and size_t and includes neither.
#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include <tdb.h>

/// What the library said last, kept because its log function is variadic, which Swift cannot write.
struct clibtdb_log {
    /// The gravest level since the text was cleared; larger is less grave, -1 is nothing.
    int level;
    /// The words of that level, with a NUL.
    char text[512];
};

/// How a file is opened.
enum clibtdb_access {
    CLIBTDB_READ_ONLY = 0,
    CLIBTDB_READ_WRITE = 1,
    CLIBTDB_CREATE = 2,
};

/// Opens a file and logs into `log`, which must live as long as the handle; the handle, or NULL and
/// the error number in `*error`.
struct tdb_context *clibtdb_open(
    const char *path, int hash_size, int tdb_flags, enum clibtdb_access access, mode_t mode,
    struct clibtdb_log *log, int *error);

/// Closes a file.
void clibtdb_close(struct tdb_context *tdb);

/// Forgets what was logged.
void clibtdb_clear(struct clibtdb_log *log);

/// A record's data, to be given to `clibtdb_free`; NULL when there is none or it failed.
uint8_t *clibtdb_fetch(
    struct tdb_context *tdb, const void *key, size_t key_count, size_t *data_count);

/// Gives back what `clibtdb_fetch` answered.
void clibtdb_free(uint8_t *data);

/// 1 when there is such a record, else 0.
int clibtdb_exists(struct tdb_context *tdb, const void *key, size_t key_count);

/// Stores a record whose data lies in two parts; `flag` is TDB_REPLACE, TDB_INSERT or TDB_MODIFY.
int clibtdb_store(
    struct tdb_context *tdb, const void *key, size_t key_count, const void *first,
    size_t first_count, const void *second, size_t second_count, int flag);

/// Deletes a record.
int clibtdb_delete(struct tdb_context *tdb, const void *key, size_t key_count);

/// Locks the chain of a key.
int clibtdb_chainlock(struct tdb_context *tdb, const void *key, size_t key_count);

/// Locks the chain of a key unless it is locked.
int clibtdb_chainlock_nonblock(struct tdb_context *tdb, const void *key, size_t key_count);

/// Unlocks the chain of a key.
int clibtdb_chainunlock(struct tdb_context *tdb, const void *key, size_t key_count);

/// Takes a record; anything but 0 ends the traversal.
typedef int (*clibtdb_visit)(
    const uint8_t *key, size_t key_count, const uint8_t *data, size_t data_count, void *context);

/// Visits every record, with the chains locked for reading or for writing; the number of records,
/// or -1.
int clibtdb_traverse(
    struct tdb_context *tdb, bool is_reading, clibtdb_visit visit, void *context);

/// Checks the whole file; 0 when it is consistent.
int clibtdb_check(struct tdb_context *tdb);

/// The hash that ctdbd uses for records and names.
uint32_t clibtdb_jenkins(const void *bytes, size_t count);

#endif
