/** CLIP: the tokenizer and the text transformer. */
@NullMarked
package io.t2v.internal.clip;

import org.jspecify.annotations.NullMarked;
