/**
 * The only room that knows libtorch's awkward sides: loading, scopes of native memory, threads,
 * random numbers, second streams and recorded work of a device, and operators that the Java API
 * does not map.
 */
@NullMarked
package io.t2v.torch;

import org.jspecify.annotations.NullMarked;
