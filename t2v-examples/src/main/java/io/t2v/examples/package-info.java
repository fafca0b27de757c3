/** Runnable programs: the command line, plug-ins, batches. */
@NullMarked
package io.t2v.examples;

import org.jspecify.annotations.NullMarked;
