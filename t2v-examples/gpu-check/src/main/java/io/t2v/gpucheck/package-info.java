/** What only a machine with a GPU can show, held against bars: the checks of {@code gpu-check}. */
@NullMarked
package io.t2v.gpucheck;

import org.jspecify.annotations.NullMarked;
