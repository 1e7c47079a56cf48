// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import ConfigurationFormat

/// The names that somebody may have meant.
typealias NearestNames = ConfigurationFormat.NearestNames
