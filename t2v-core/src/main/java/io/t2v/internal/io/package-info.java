/** Files read with limits, JSON, and the names that files of a checkpoint have. */
@NullMarked
package io.t2v.internal.io;

import org.jspecify.annotations.NullMarked;
