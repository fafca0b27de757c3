/**
 * The API of the library: build a {@link io.t2v.TextToVideoPipeline}, hand it a {@link
 * io.t2v.GenerationRequest}, receive a {@link io.t2v.Video}. JDK types only.
 */
@NullMarked
package io.t2v;

import org.jspecify.annotations.NullMarked;
