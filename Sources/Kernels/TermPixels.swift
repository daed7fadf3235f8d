// Pixels that are sums of terms.
import CKernels

/// Puts pixels behind what is drawn already: each is a sum of terms (premultiplied colour and opacity) under factors that all share.
///
/// - Parameters:
///   - pixels: premultiplied, four floats each.
///   - values: half floats; for each pair of pixels and each term eight of them.
public func termsUnder(_ pixels: UnsafeMutablePointer<Float>, count: Int, _ values: UnsafePointer<UInt16>, factors: [Float]) {
    sk_terms_under(values, factors, factors.count, count, pixels)
}
