/** How predictions for the prompt and for the negative prompt become one. */
@NullMarked
package io.t2v.guidance;

import org.jspecify.annotations.NullMarked;
