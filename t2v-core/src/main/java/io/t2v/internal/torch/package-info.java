/**
 * Hides what is awkward about libtorch: scopes, threads, random numbers, streams, unmapped
 * operators.
 */
@NullMarked
package io.t2v.internal.torch;

import org.jspecify.annotations.NullMarked;
