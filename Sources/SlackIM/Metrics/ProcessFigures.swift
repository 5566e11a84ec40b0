// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Measures

/// What the operating system says of this process; what it does not say is left out.
struct ProcessFigures {
    let residentBytes: Double?
    let cpuSeconds: Double?
    let openFiles: Int?
    /// Seconds since 1970.
    let startedAt: Double?

    /// The process as it is now, from `/proc`.
    static func now() -> ProcessFigures {
        let pageSize = Double(max(sysconf(Int32(_SC_PAGESIZE)), 1))
        let ticks = Double(max(sysconf(Int32(_SC_CLK_TCK)), 1))
        let pages = words(of: "/proc/self/statm").dropFirst().first.flatMap { Double($0) }
        // The command's name stands in parentheses and may hold spaces; what counts comes after it.
        let stat = text(of: "/proc/self/stat")
        let fields = stat.lastIndex(of: ")").map { stat[stat.index(after: $0)...].split(separator: " ") } ?? []
        func field(_ number: Int) -> Double? {
            let place = number - 3
            return fields.indices.contains(place) ? Double(fields[place]) : nil
        }
        let boot = text(of: "/proc/stat").split(separator: "\n").first { $0.hasPrefix("btime ") }
            .flatMap { Double($0.dropFirst(6)) }
        let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        return ProcessFigures(
            residentBytes: pages.map { $0 * pageSize },
            cpuSeconds: field(14).flatMap { user in field(15).map { (user + $0) / ticks } },
            openFiles: files,
            startedAt: field(22).flatMap { start in boot.map { $0 + start / ticks } }
        )
    }

    func write(to page: inout Exposition) {
        func add(_ name: String, _ help: String, _ value: Double?, isCounter: Bool = false) {
            guard let value else { return }
            let sample = [Exposition.Sample([], value)]
            isCounter ? page.counter(name, help, sample) : page.gauge(name, help, sample)
        }
        add("process_resident_memory_bytes", "Resident memory.", residentBytes)
        add("process_cpu_seconds_total", "Time on the processor, user and system.", cpuSeconds, isCounter: true)
        add("process_open_fds", "Open file descriptors.", openFiles.map(Double.init))
        add("process_start_time_seconds", "When the process began, since 1970.", startedAt)
    }

    private static func text(of path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private static func words(of path: String) -> [Substring] { text(of: path).split(separator: " ") }
}
