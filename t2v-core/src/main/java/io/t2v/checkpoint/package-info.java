/**
 * A checkpoint on disk: how it is named, what it holds, and the error of one that cannot be used.
 * JDK types only.
 */
@NullMarked
package io.t2v.checkpoint;

import org.jspecify.annotations.NullMarked;
