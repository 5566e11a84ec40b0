// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The parts that the C library takes its memory from.
enum Arenas {
    /// `M_ARENA_MAX` of glibc's `mallopt(3)`, which Swift does not show.
    private static let most: Int32 = -8

    /// Has threads share arenas, one for each core.
    ///
    /// glibc makes eight for each, so that nearly every thread has its own, and each keeps what its threads have freed:
    /// a sixth of the peak of a run over 100,000 members. Does nothing where the C library has no such thing, or where
    /// `MALLOC_ARENA_MAX` says how many there shall be. To be called before there are threads.
    static func share() {
        #if os(Linux)
        let isDecided = ProcessInfo.processInfo.environment["MALLOC_ARENA_MAX"] != nil
        guard !isDecided, let symbol = unsafe dlsym(nil, "mallopt") else { return }
        let setOption = unsafe unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
        _ = setOption(most, Int32(clamping: limit))
        #endif
    }

    static var limit: Int { max(2, ProcessInfo.processInfo.activeProcessorCount) }
}
