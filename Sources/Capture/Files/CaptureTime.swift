// SPDX-License-Identifier: GPL-3.0-or-later
// SPDX-FileCopyrightText: The Tablecloth authors

/// A moment in a capture.
///
/// - Units: nanoseconds; those of a file are as fine as its interface counts.
public struct CaptureTime: Comparable, Hashable, Sendable {
    /// Nanoseconds since 1970 began, in UTC.
    public var nanoseconds: Int64

    /// Makes a moment.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Orders by time.
    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.nanoseconds < rhs.nanoseconds }

    /// The nanoseconds from this moment to another, negative when that is earlier; the largest
    /// number there is when they are further apart.
    public func distance(to other: CaptureTime) -> Int64 {
        let (distance, isOver) = other.nanoseconds.subtractingReportingOverflow(nanoseconds)
        guard isOver else { return distance }
        return other.nanoseconds > nanoseconds ? .max : .min
    }

    /// The moment so many nanoseconds later; it stays at the last or first moment there is.
    public func advanced(by distance: Int64) -> CaptureTime {
        let (sum, isOver) = nanoseconds.addingReportingOverflow(distance)
        guard isOver else { return CaptureTime(nanoseconds: sum) }
        return CaptureTime(nanoseconds: distance > 0 ? .max : .min)
    }
}

/// How an interface of a capture counts time.
///
/// - Source: the option `if_tsresol` of the pcapng specification.
public enum TimeResolution: Hashable, Sendable {
    /// A tick is 10 to the power of minus so much, of a second.
    case decimal(exponent: UInt8)
    /// A tick is 2 to the power of minus so much, of a second.
    case binary(exponent: UInt8)

    /// Microseconds, unless something else is said.
    public static let microseconds = TimeResolution.decimal(exponent: 6)
    /// Nanoseconds, which we write.
    public static let nanoseconds = TimeResolution.decimal(exponent: 9)

    /// Reads the byte of the option.
    init(byte: UInt8) {
        self = byte & 0x80 == 0 ? .decimal(exponent: byte) : .binary(exponent: byte & 0x7F)
    }

    /// The byte of the option.
    var byte: UInt8 {
        switch self {
        case .decimal(let exponent): exponent & 0x7F
        case .binary(let exponent): exponent | 0x80
        }
    }

    /// The nanoseconds that so many ticks are, rounded down; the largest number when it is more.
    func nanoseconds(_ ticks: UInt64) -> UInt64 {
        switch self {
        case .decimal(let exponent) where exponent <= 9:
            let (product, isOver) = ticks.multipliedReportingOverflow(
                by: Self.powerOfTen(9 &- exponent))
            return isOver ? .max : product
        case .decimal(let exponent):
            return exponent > 28 ? 0 : ticks / Self.powerOfTen(exponent &- 9)
        case .binary(let exponent):
            let product = ticks.multipliedFullWidth(by: 1_000_000_000)
            if exponent >= 64 { return product.high >> (exponent &- 64) }
            guard product.high >> exponent == 0 else { return .max }
            // Shifts of Swift give 0 for what is shifted out altogether.
            return product.high << (64 &- Int(exponent)) | product.low >> exponent
        }
    }

    private static func powerOfTen(_ exponent: UInt8) -> UInt64 {
        (0..<min(exponent, 19)).reduce(1) { power, _ in power &* 10 }
    }
}

extension CaptureTime {
    /// The moment that an interface means by so many ticks, at the edge when there is none such.
    init(ticks: UInt64, of resolution: TimeResolution, offsetSeconds: Int64) {
        let nanoseconds = Int64(clamping: resolution.nanoseconds(ticks))
        let (offset, isOver) = offsetSeconds.multipliedReportingOverflow(by: 1_000_000_000)
        let start = CaptureTime(nanoseconds: nanoseconds)
        self = start.advanced(by: isOver ? (offsetSeconds > 0 ? .max : .min) : offset)
    }
}
