/** A miniature model for demonstrations and tests: clips of coloured shapes in motion. */
@NullMarked
package io.t2v.minimodel;

import org.jspecify.annotations.NullMarked;
