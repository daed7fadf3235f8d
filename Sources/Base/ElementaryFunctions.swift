// The few elementary functions that Base needs, from the C library.
#if canImport(Glibc)
import Glibc
#endif

func squareRoot(_ x: Float) -> Float { x.squareRoot() }
func logarithm(_ x: Float) -> Float { logf(x) }
func cosine(_ x: Float) -> Float { cosf(x) }
