/** Reads LoRA files of every trainer, and finds the weights of a network that they change. */
@NullMarked
package io.t2v.internal.adapter;

import org.jspecify.annotations.NullMarked;
