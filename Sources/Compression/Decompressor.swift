// Part of slack-im
// SPDX-License-Identifier: Apache-2.0

import CBrotli
import CZlib

/// Unpacks bodies that somebody else has packed.
///
/// Total: whatever the bytes are, the answer is the content or a ``DecompressionError``, at a cost within the limits.
package enum Decompressor {
    /// Undoes the codings of a body, the last one first.
    /// - Parameter codings: In the order in which they were applied, see ``ContentCoding/read(_:)``.
    package static func decompress(
        _ bytes: [UInt8],
        _ codings: [ContentCoding],
        limits: DecompressionLimits
    ) throws(DecompressionError) -> [UInt8] {
        var bytes = bytes
        for coding in codings.reversed() {
            switch coding {
            case .gzip: bytes = try inflate(bytes, .gzip, limits)
            case .deflate: bytes = try deflated(bytes, limits)
            case .brotli: bytes = try brotli(bytes, limits)
            }
        }
        return bytes
    }

    private static let chunk = 64 << 10

    // MARK: zlib

    /// What stands around a DEFLATE stream; the numbers are zlib's window bits.
    private enum Frame: Int32 {
        case raw = -15
        case zlib = 15
        case gzip = 31
    }

    /// What looks like the zlib format may still be a bare stream that happens to begin so.
    private static func deflated(
        _ bytes: [UInt8], _ limits: DecompressionLimits
    ) throws(DecompressionError) -> [UInt8] {
        guard bytes.count >= 2, bytes[0] & 0x0F == 8, (Int(bytes[0]) << 8 | Int(bytes[1])) % 31 == 0 else {
            return try inflate(bytes, .raw, limits)
        }
        do {
            return try inflate(bytes, .zlib, limits)
        } catch {
            guard error == .corrupt else { throw error }
            return try inflate(bytes, .raw, limits)
        }
    }

    private static func inflate(
        _ bytes: [UInt8], _ frame: Frame, _ limits: DecompressionLimits
    ) throws(DecompressionError) -> [UInt8] {
        // On the heap: zlib keeps the address of its stream, and an inout argument promises none.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        defer { unsafe stream.deallocate() }
        guard unsafe slackim_inflate_init(stream, frame.rawValue) == Z_OK else { throw .unavailable }
        defer { unsafe inflateEnd(stream) }

        var output: [UInt8] = []
        output.reserveCapacity(min(limits.bytes, bytes.count &* 4))
        var buffer = [UInt8](repeating: 0, count: chunk)
        var consumed = 0
        while true {
            let (status, used, made) = unsafe step(stream, bytes, from: consumed, into: &buffer)
            consumed += used
            guard limits.allow(output.count + made, from: bytes.count) else { throw .tooLarge }
            output += buffer[..<made]
            switch status {
            case Z_STREAM_END:
                // A gzip file may be several, one after the other (RFC 1952, section 2.2).
                let rest = bytes[consumed...]
                guard frame == .gzip, rest.starts(with: [0x1F, 0x8B]) else { return output }
                guard unsafe inflateReset(stream) == Z_OK else { throw .unavailable }
            case Z_OK where used > 0 || made > 0:
                continue
            case Z_MEM_ERROR:
                throw .unavailable
            default:
                throw .corrupt
            }
        }
    }

    /// Feeds what is left of the input once.
    /// - Returns: zlib's answer, the bytes taken and the bytes made.
    private static func step(
        _ stream: UnsafeMutablePointer<z_stream>, _ bytes: [UInt8], from start: Int, into buffer: inout [UInt8]
    ) -> (status: Int32, used: Int, made: Int) {
        // zlib counts in 32 bits; callers' limits are far below, and what is more would come with the next round.
        let given = UInt32(clamping: bytes.count - start)
        let room = UInt32(clamping: buffer.count)
        let status = unsafe bytes.withUnsafeBufferPointer { input in
            unsafe buffer.withUnsafeMutableBufferPointer { output in
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.advanced(by: start))
                unsafe stream.pointee.avail_in = given
                unsafe stream.pointee.next_out = output.baseAddress
                unsafe stream.pointee.avail_out = room
                return unsafe CZlib.inflate(stream, Z_NO_FLUSH)
            }
        }
        return unsafe (status, Int(given - stream.pointee.avail_in), Int(room - stream.pointee.avail_out))
    }

    // MARK: Brotli

    private static func brotli(
        _ bytes: [UInt8], _ limits: DecompressionLimits
    ) throws(DecompressionError) -> [UInt8] {
        guard let decoder = unsafe BrotliDecoderCreateInstance(nil, nil, nil) else { throw .unavailable }
        defer { unsafe BrotliDecoderDestroyInstance(decoder) }

        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: chunk)
        var consumed = 0
        while true {
            var given = bytes.count - consumed
            var room = buffer.count
            let status = unsafe bytes.withUnsafeBufferPointer { input in
                unsafe buffer.withUnsafeMutableBufferPointer { space in
                    var next = unsafe input.baseAddress?.advanced(by: consumed)
                    var target = space.baseAddress
                    return unsafe BrotliDecoderDecompressStream(decoder, &given, &next, &room, &target, nil)
                }
            }
            consumed = bytes.count - given
            let made = buffer.count - room
            guard limits.allow(output.count + made, from: bytes.count) else { throw .tooLarge }
            output += buffer[..<made]
            switch status {
            case BROTLI_DECODER_RESULT_SUCCESS: return output
            case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT: continue
            default: throw .corrupt
            }
        }
    }
}
