/** When the weights of each component are in memory. */
@NullMarked
package io.t2v.offload;

import org.jspecify.annotations.NullMarked;
