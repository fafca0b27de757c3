/** From a sentence to what conditions the denoiser: CLIP's tokenizer and text encoder. */
@NullMarked
package io.t2v.text;

import org.jspecify.annotations.NullMarked;
