// Dense matrix products through OpenBLAS: the one place that calls it.
import COpenBLAS

/// Products of row-major matrices. OpenBLAS runs on one thread: callers spread their work themselves, and the bits do not
/// depend on how many threads a machine has.
package enum MatrixProduct {
    private static let isSerial: Bool = {
        openblas_set_num_threads(1)
        return true
    }()

    /// c [m, n] = a · b (+ c where `adding`), with a [m, k] and b [k, n] or, where transposed, a [k, m] and b [n, k].
    package static func multiply(_ a: UnsafePointer<Float>, transposed aTransposed: Bool = false, _ b: UnsafePointer<Float>, transposed bTransposed: Bool = false,
                                 into c: UnsafeMutablePointer<Float>, m: Int, n: Int, k: Int, adding: Bool = false) {
        precondition(isSerial && m > 0 && n > 0 && k > 0, "a product needs sizes")
        cblas_sgemm(CblasRowMajor, aTransposed ? CblasTrans : CblasNoTrans, bTransposed ? CblasTrans : CblasNoTrans, blasint(m), blasint(n), blasint(k), 1,
                    a, blasint(aTransposed ? m : k), b, blasint(bTransposed ? k : n), adding ? 1 : 0, c, blasint(n))
    }

    /// As above, where rows lie `row` floats apart: parts of wider matrices.
    package static func multiply(_ a: UnsafePointer<Float>, row aRow: Int, _ b: UnsafePointer<Float>, row bRow: Int, into c: UnsafeMutablePointer<Float>, row cRow: Int,
                                 m: Int, n: Int, k: Int, transposedA: Bool = false, transposedB: Bool = false, adding: Bool = false) {
        precondition(isSerial && m > 0 && n > 0 && k > 0, "a product needs sizes")
        precondition(aRow >= (transposedA ? m : k) && bRow >= (transposedB ? k : n) && cRow >= n, "rows of a product overlap")
        cblas_sgemm(CblasRowMajor, transposedA ? CblasTrans : CblasNoTrans, transposedB ? CblasTrans : CblasNoTrans, blasint(m), blasint(n), blasint(k), 1,
                    a, blasint(aRow), b, blasint(bRow), adding ? 1 : 0, c, blasint(cRow))
    }
}
