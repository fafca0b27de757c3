/**
 * The only room that knows libtorch's awkward sides: loading, scopes of native memory, threads,
 * random numbers, and operators that the Java API does not map.
 */
@NullMarked
package io.t2v.torch;

import org.jspecify.annotations.NullMarked;
