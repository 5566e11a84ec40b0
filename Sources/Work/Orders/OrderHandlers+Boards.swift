// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Bot
import Jobs
import Provisioning
import Slack
import Store
import Time

extension OrderHandlers {
    /// Nobody wants to be told how far something is that is over in a moment.
    private static let patience = Duration.seconds(8)
    /// How often one message is edited.
    private static let editPause = Duration.seconds(4)
    /// Of the five uses of an answer address, as many are kept for the result.
    private static let usesForProgress = 3

    /// Runs the body and tells those who follow the job how far it is.
    func tellingProgress<Result>(
        of job: Job,
        _ body: (@escaping @Sendable (RunProgress) -> Void) async throws -> Result
    ) async throws -> Result {
        let (steps, emit) = AsyncStream.makeStream(of: BoardProgress.self, bufferingPolicy: .bufferingNewest(1))
        let telling = Task {
            var last = clock.now()
            for await step in steps {
                let now = clock.now()
                guard now - last >= Self.editPause else { continue }
                last = now
                try? await store.transaction(.work) { tx in
                    try updateBoards(of: job.id, in: tx) { $0.progress = step }
                }
            }
        }
        // Over before the result is told: what is told last is true.
        do {
            let result = try await body { if let step = BoardProgress($0) { emit.yield(step) } }
            emit.finish()
            await telling.value
            return result
        } catch {
            emit.finish()
            await telling.value
            throw error
        }
    }

    /// Changes a job's item on every board that follows it, and tells what is worth telling.
    func updateBoards(
        of job: Int64,
        in tx: any StoreTransaction,
        _ change: (inout SyncBoard.Item) -> Void
    ) throws {
        for var board in try SyncBoard.following(job, in: tx) {
            for place in board.items.indices where board.items[place].job == job { change(&board.items[place]) }
            try show(&board, in: tx)
            if board.isDone { try board.remove(in: tx) } else { try board.save(in: tx) }
        }
    }

    /// Says how far a board is, where and when it is due.
    private func show(_ board: inout SyncBoard, in tx: any StoreTransaction) throws {
        let now = clock.now()
        let isDue =
            now - board.startedAt >= Self.patience && board.shownAt.map { now - $0 >= Self.editPause } ?? true
        let items = board.items.map { item -> (TargetName, Texts.BoardState) in
            if let summary = item.summary { return (item.target, .done(summary)) }
            return (item.target, item.progress.map { .going($0) } ?? .waiting)
        }
        let message = Texts(language: board.reply.language).board(items, decides: board.isDone)
        if board.reply.responseURL != nil {
            let used = try tx.countSent(lane: Self.lane(board.reply))
            // A typed command's address only adds messages: it is kept for the result.
            if board.isDone || (board.replaces && isDue && used < Self.usesForProgress) {
                try answer(board.reply, message, replacing: board.replaces, in: tx)
                board.shownAt = now
            }
            if board.replaces { return }
        }
        // A message of its own is for what takes long, and for who has no other place to be answered in.
        let isWanted =
            board.isPosted
            ? board.isDone || isDue : board.reply.responseURL == nil || (isDue && !board.isDone)
        guard isWanted else { return }
        try postBoard(board, message, in: tx)
        board.isPosted = true
        board.shownAt = now
    }

    private func postBoard(_ board: SyncBoard, _ message: Message, in tx: any StoreTransaction) throws {
        let now = clock.now()
        let person = board.reply.user.rawValue
        _ = try tx.addToOutbox(
            OutboxMessage(
                lane: person,
                address: board.isPosted ? .update(name: board.messageName) : .post(channel: person),
                payload: message.payload,
                name: board.isPosted ? nil : board.messageName,
                notBefore: now,
                createdAt: now
            )
        )
    }
}

extension BoardProgress {
    /// - Returns: `nil` for what need not be told.
    init?(_ progress: RunProgress) {
        switch progress {
        case .waitingUntilReady: return nil
        case .readingMembers: self = .readingMembers
        case .readingTarget: self = .readingTarget
        case .applying(let done, let total): self = .applying(done: done, of: total)
        }
    }
}
