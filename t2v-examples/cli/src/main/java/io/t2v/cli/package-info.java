/** The command line, {@code t2v}. */
@NullMarked
package io.t2v.cli;

import org.jspecify.annotations.NullMarked;
