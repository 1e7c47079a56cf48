// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

import CLinux
import Synchronization

/// A thread beside a loop for calls that block: jobs one after the other, answers on the loop.
///
/// A job and its answer are values; nothing is shared. The jobs that wait when the worker is closed
/// are not done; the one that runs is, and its answer is dropped.
public final class Worker<Job: Sendable, Answer: Sendable> {
    private let queue: JobQueue<Job>
    private let answers: Mailbox<Answer>
    private let loop: EventLoop
    private var token: EventLoop.Token?

    /// The jobs that have no answer yet.
    public private(set) var unfinishedCount = 0

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - loop: where the answers come in.
    ///   - work: does a job, on the thread; it may block.
    ///   - answered: takes an answer, on the loop.
    /// - Throws: why there is no thread.
    public init(
        on loop: EventLoop, work: @escaping @Sendable (Job) -> Answer,
        answered: @escaping (Answer) -> Void
    ) throws(SystemError) {
        self.loop = loop
        let queue = try JobQueue<Job>()
        let answers = try Mailbox<Answer>()
        self.queue = queue
        self.answers = answers
        try WorkerThread.start {
            while let job = queue.next() { answers.post(work(job)) }
        }
        token = try loop.register(answers.descriptor, for: .read) { [weak self] _ in
            for answer in answers.takeAll() {
                self?.unfinishedCount -= 1
                answered(answer)
            }
        }
    }

    deinit { close() }

    /// Has a job done after those before it.
    public func submit(_ job: Job) {
        unfinishedCount += 1
        queue.append(job)
    }

    /// Ends the thread after the job that it does.
    public func close() {
        if let token { loop.remove(token) }
        token = nil
        queue.close()
    }
}

/// What goes from the loop to the thread.
private final class JobQueue<Job: Sendable>: Sendable {
    private struct State {
        var jobs: [Job] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let descriptor: FileDescriptor

    init() throws(SystemError) {
        descriptor = try FileDescriptor(clinux_event_create(), "eventfd")
    }

    func append(_ job: Job) {
        state.withLock { $0.jobs.append(job) }
        _ = clinux_event_raise(descriptor.number)
    }

    func close() {
        state.withLock {
            $0.isClosed = true
            $0.jobs = []
        }
        _ = clinux_event_raise(descriptor.number)
    }

    /// The next job, which is waited for; nil when there will be none.
    func next() -> Job? {
        while true {
            let (job, isClosed) = state.withLock { state in
                (state.jobs.isEmpty ? nil : state.jobs.removeFirst(), state.isClosed)
            }
            if isClosed { return nil }
            if let job { return job }
            guard clinux_wait_readable(descriptor.number) == 0 else { return nil }
            _ = clinux_event_lower(descriptor.number)
        }
    }
}

/// A thread that nobody waits for.
enum WorkerThread {
    /// What the thread is given.
    private final class Body: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    static func start(_ run: @escaping @Sendable () -> Void) throws(SystemError) {
        let body = unsafe Unmanaged.passRetained(Body(run))
        let answer = unsafe clinux_start_thread(
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        guard answer == 0 else {
            unsafe body.release()
            throw SystemError("pthread_create", answer: answer)
        }
    }
}
