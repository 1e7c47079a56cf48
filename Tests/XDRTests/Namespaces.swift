// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

// The namespaces of the generated constants.
enum FileProtocol {}
enum ShapesProtocol {}
