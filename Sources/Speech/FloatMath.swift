// The C library's functions on Float, without ambiguity.
import Foundation

enum FloatMath {
    static func log10(_ x: Float) -> Float { Foundation.log10(x) }
    static func exp(_ x: Float) -> Float { Foundation.exp(x) }
    static func cos(_ x: Float) -> Float { Foundation.cos(x) }
}
