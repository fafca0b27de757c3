/** Text to video behind Spring AI's {@code Model}. */
@NullMarked
package io.t2v.springai;

import org.jspecify.annotations.NullMarked;
