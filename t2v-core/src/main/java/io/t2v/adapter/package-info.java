/** LoRA: small files that change a model's weights while they are read. */
@NullMarked
package io.t2v.adapter;

import org.jspecify.annotations.NullMarked;
