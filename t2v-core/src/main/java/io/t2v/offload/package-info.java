/**
 * Offload policies: when the weights of each network are in memory, and how much memory a
 * generation takes.
 */
@NullMarked
package io.t2v.offload;

import org.jspecify.annotations.NullMarked;
