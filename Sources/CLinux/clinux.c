// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

// The package manager wants a source file; everything is in the headers.
#include "clinux.h"
#include "clinux_process.h"
