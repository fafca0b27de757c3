/** Classifier-free guidance, and the interface for other ways to combine predictions. */
@NullMarked
package io.t2v.guidance;

import org.jspecify.annotations.NullMarked;
