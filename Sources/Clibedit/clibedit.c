/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: The Tablecloth authors */

#define _GNU_SOURCE
#include "clibedit.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is used of libedit, by the names of histedit.h. */
static struct {
    EditLine *(*init)(const char *, FILE *, FILE *, FILE *);
    void (*end)(EditLine *);
    int (*set)(EditLine *, int, ...);
    const char *(*gets)(EditLine *, int *);
    const LineInfo *(*line)(EditLine *);
    int (*insertstr)(EditLine *, const char *);
    void (*reset)(EditLine *);
    History *(*history_init)(void);
    void (*history_end)(History *);
    int (*history)(History *, HistEvent *, int, ...);
} edit;

static EditLine *editor;
static History *past;
static char *past_path;
static char *shown_prompt;
static clibedit_completer complete;
static void *complete_context;
static volatile sig_atomic_t is_interrupted;

static void interrupted(int number)
{
    (void)number;
    is_interrupted = 1;
}

static char *prompt(EditLine *line)
{
    (void)line;
    return shown_prompt;
}

static unsigned char completed(EditLine *line, int key)
{
    const LineInfo *info = edit.line(line);
    size_t count = (size_t)(info->cursor - info->buffer);
    char *before = strndup(info->buffer, count);
    struct clibedit_completion answer;
    unsigned char result = CC_ERROR;

    (void)key;
    if (before == NULL) return CC_ERROR;
    answer = complete(before, complete_context);
    if (answer.text != NULL && answer.is_list) {
        fprintf(stdout, "\n%s\n", answer.text);
        fflush(stdout);
        result = CC_REDISPLAY;
    } else if (answer.text != NULL) {
        result = edit.insertstr(line, answer.text) == 0 ? CC_REFRESH : CC_ERROR;
    }
    free(answer.text);
    free(before);
    return result;
}

/* Takes one function out of the library. */
static int take(void *library, const char *name, void *function)
{
    void *found = dlsym(library, name);

    if (found == NULL) return -1;
    memcpy(function, &found, sizeof(found));
    return 0;
}

static int load(void)
{
    void *library = dlopen("libedit.so.2", RTLD_NOW | RTLD_LOCAL);

    if (library == NULL) return -1;
    if (take(library, "el_init", &edit.init) || take(library, "el_end", &edit.end)
        || take(library, "el_set", &edit.set) || take(library, "el_gets", &edit.gets)
        || take(library, "el_line", &edit.line) || take(library, "el_insertstr", &edit.insertstr)
        || take(library, "el_reset", &edit.reset)
        || take(library, "history_init", &edit.history_init)
        || take(library, "history_end", &edit.history_end)
        || take(library, "history", &edit.history))
        return -1;
    return 0;
}

int clibedit_open(const char *program, const char *history_path, clibedit_completer completer,
                  void *context)
{
    HistEvent event;

    if (editor != NULL) return 0;
    if (load() != 0) return -1;
    setlocale(LC_CTYPE, "");
    editor = edit.init(program, stdin, stdout, stderr);
    if (editor == NULL) return -1;
    complete = completer;
    complete_context = context;
    edit.set(editor, EL_PROMPT, prompt);
    edit.set(editor, EL_EDITOR, "emacs");
    edit.set(editor, EL_ADDFN, "ctdb-complete", "complete a word", completed);
    edit.set(editor, EL_BIND, "^I", "ctdb-complete", NULL);
    edit.set(editor, EL_BIND, "^R", "em-inc-search-prev", NULL);
    past = edit.history_init();
    if (past != NULL) {
        edit.history(past, &event, H_SETSIZE, 1000);
        edit.history(past, &event, H_SETUNIQUE, 1);
        edit.set(editor, EL_HIST, edit.history, past);
        if (history_path != NULL) {
            past_path = strdup(history_path);
            edit.history(past, &event, H_LOAD, history_path);
        }
    }
    return 0;
}

int clibedit_read(const char *text, const char **line, size_t *count)
{
    struct sigaction action, before;
    int length = 0;

    *line = NULL;
    *count = 0;
    if (editor == NULL) return CLIBEDIT_END;
    free(shown_prompt);
    shown_prompt = strdup(text);
    if (shown_prompt == NULL) return CLIBEDIT_END;
    memset(&action, 0, sizeof(action));
    action.sa_handler = interrupted;
    is_interrupted = 0;
    sigaction(SIGINT, &action, &before);
    errno = 0;
    *line = edit.gets(editor, &length);
    sigaction(SIGINT, &before, NULL);
    if (is_interrupted) {
        edit.reset(editor);
        fputc('\n', stdout);
        fflush(stdout);
        return CLIBEDIT_INTERRUPTED;
    }
    if (*line == NULL || length <= 0) return CLIBEDIT_END;
    *count = (size_t)length;
    return CLIBEDIT_LINE;
}

void clibedit_remember(const char *line)
{
    HistEvent event;
    int file;

    if (past == NULL) return;
    edit.history(past, &event, H_ENTER, line);
    if (past_path == NULL) return;
    /* Commands may name what not everybody should read. */
    file = open(past_path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (file < 0) return;
    close(file);
    edit.history(past, &event, H_SAVE, past_path);
}

void clibedit_close(void)
{
    if (past != NULL) edit.history_end(past);
    if (editor != NULL) edit.end(editor);
    free(shown_prompt);
    free(past_path);
    past = NULL;
    editor = NULL;
    shown_prompt = NULL;
    past_path = NULL;
}
