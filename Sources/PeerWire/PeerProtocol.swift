// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// The constants of the protocol that proxies and services speak; `Protocol/*.x` defines them.
public enum PeerProtocol {}
