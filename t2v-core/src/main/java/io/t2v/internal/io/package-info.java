/** Reads and writes files and formats text: what the modules share, apart from libtorch. */
@NullMarked
package io.t2v.internal.io;

import org.jspecify.annotations.NullMarked;
