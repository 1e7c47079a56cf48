// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import Glibc
import Sockets
import Testing

@Suite struct SystemErrorTests {
    @Test func anErrorSaysCallPathReasonNumberAndAdvice() {
        let error = SystemError(
            call: "bind", path: "/run/x.sock", errno: EADDRINUSE, advice: "stop it first")
        #expect(
            error.description
                == "bind /run/x.sock: Address already in use (errno 98): stop it first")
    }

    @Test func anErrorWithoutPathOrAdviceSaysTheRest() {
        #expect(
            SystemError(call: "epoll_create1", errno: EMFILE).description
                == "epoll_create1: Too many open files (errno 24)")
    }
}
