/** When weights are loaded, prefetched and released, and the planner that foresees memory. */
@NullMarked
package io.t2v.internal.memory;

import org.jspecify.annotations.NullMarked;
