/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: The Tablecloth authors */

/* Lines from a terminal, edited with libedit, which is loaded when the first line is read: a
 * command that needs no editor does not wait for it, and runs where it is not installed. */

#ifndef CLIBEDIT_H
#define CLIBEDIT_H

#include <stddef.h>

/* What is to be done about a completion: the text that malloc gave, and whether it is put at the
 * cursor or shown below the line. */
struct clibedit_completion {
    char *text;
    int is_list;
};

/* Completes the line's part in front of the cursor. */
typedef struct clibedit_completion (*clibedit_completer)(const char *before, void *context);

/* 0, or -1 when libedit cannot be loaded or the terminal cannot be edited on. */
int clibedit_open(const char *program, const char *history_path, clibedit_completer completer,
                  void *context);

/* How a reading ended. */
enum { CLIBEDIT_LINE = 0, CLIBEDIT_END = 1, CLIBEDIT_INTERRUPTED = 2 };

/* Reads a line; *line stays valid until the next call and ends in a newline. */
int clibedit_read(const char *prompt, const char **line, size_t *count);

/* Keeps a line for the next ones to go back to, and in the history's file. */
void clibedit_remember(const char *line);

/* Gives the terminal back. */
void clibedit_close(void);

#endif
