// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

/// What can be read from a packed record: all of it, or its first fields.
package protocol Unpackable: Sendable {
    /// Reads fields in the order in which they were written.
    init(unpacking reader: inout PackedReader)
}

/// A record that a ``PackedList`` can hold.
package protocol Packable: Unpackable {
    func pack(into writer: inout PackedWriter)
}

/// Many records of one kind as the bytes that each is made of.
///
/// A full run holds everybody, every account and every link at once. As values, with a pointer here and a spare word
/// there, they would take several times the memory of what they say; here each costs its own bytes and an address, and
/// becomes a value when it is looked at. Looking is cheap, but not free: keep the value while it is needed.
package struct PackedList<Element: Packable>: Sendable {
    private var blocks: [[UInt8]] = []
    /// Block and offset of each record.
    private var places: [UInt64] = []

    private static var blockSize: Int { 1 << 18 }

    package init() {}

    package init(_ elements: some Sequence<Element>) {
        if let packed = elements as? PackedList {
            self = packed
        } else {
            for element in elements { append(element) }
        }
    }

    /// Reads the first fields of a record, where the rest does not matter.
    package func head<Head: Unpackable>(at position: Int, as type: Head.Type = Head.self) -> Head {
        let place = places[position]
        var reader = PackedReader(bytes: blocks[Int(place >> 32)], position: Int(place & 0xFFFF_FFFF))
        return Head(unpacking: &reader)
    }

    package mutating func append(_ element: Element) { places.append(store(element)) }

    private mutating func store(_ element: Element) -> UInt64 {
        var writer = PackedWriter()
        element.pack(into: &writer)
        let room = blocks.last.map { Self.blockSize - $0.count } ?? 0
        if room < writer.bytes.count {
            var block: [UInt8] = []
            block.reserveCapacity(Swift.max(Self.blockSize, writer.bytes.count))
            blocks.append(block)
        }
        let block = blocks.count - 1
        let place = UInt64(block) << 32 | UInt64(blocks[block].count)
        blocks[block].append(contentsOf: writer.bytes)
        return place
    }
}

extension PackedList: RandomAccessCollection, MutableCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { places.count }
    // Else it is found by way of the indices, and by code that knows neither list nor index.
    package var count: Int { places.count }

    package subscript(_ position: Int) -> Element {
        get { head(at: position) }
        // The bytes of the old record stay: replacing is rare.
        set { places[position] = store(newValue) }
    }
}

extension PackedList: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: Element...) { self.init(elements) }
}

/// Takes a record's fields one after the other.
package struct PackedWriter {
    fileprivate var bytes: [UInt8] = []

    fileprivate init() { bytes.reserveCapacity(256) }

    private mutating func write(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    package mutating func write(_ number: Int64) { write(UInt64(bitPattern: number << 1 ^ number >> 63)) }

    package mutating func write(_ text: String?) {
        guard let text else { return write(0 as UInt64) }
        write(UInt64(text.utf8.count) + 1)
        bytes.append(contentsOf: text.utf8)
    }

    /// At most 64 of them.
    package mutating func write(_ flags: Bool...) {
        var bits: UInt64 = 0
        for (place, flag) in flags.enumerated() where flag { bits |= 1 << UInt64(place) }
        write(bits)
    }
}

/// Gives a record's fields back.
package struct PackedReader {
    fileprivate let bytes: [UInt8]
    fileprivate var position: Int

    private mutating func number() -> UInt64 {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = bytes[position]
            position += 1
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return number }
            shift += 7
        }
    }

    package mutating func readNumber() -> Int64 {
        let number = number()
        return Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1)
    }

    package mutating func readText() -> String? {
        let length = Int(number())
        guard length > 0 else { return nil }
        let end = position + length - 1
        defer { position = end }
        return String(decoding: bytes[position..<end], as: UTF8.self)
    }

    /// A text that is never `nil`.
    package mutating func readName() -> String { readText() ?? "" }

    package mutating func readFlags() -> Flags { Flags(bits: number()) }

    /// Flags that were written together, one after the other.
    package struct Flags {
        fileprivate var bits: UInt64

        package mutating func next() -> Bool {
            defer { bits >>= 1 }
            return bits & 1 == 1
        }
    }
}
