// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Time

extension CivilZone {
    /// A zone of the IANA database, such as `Asia/Seoul`; `nil` when there is none of that name.
    package init?(named name: String) {
        guard let zone = TimeZone(identifier: name) else { return nil }
        self.init(zone, name: name)
    }

    /// The machine's own zone, as it is at the moment of asking.
    package static var system: CivilZone {
        let zone = TimeZone.current
        return CivilZone(zone, name: zone.identifier)
    }

    private init(_ zone: TimeZone, name: String) {
        self.init(name: name) { instant in
            zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.seconds)))
        }
    }
}
