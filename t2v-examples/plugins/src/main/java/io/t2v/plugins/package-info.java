/** A scheduler written from scratch: {@code docs/writing-a-scheduler.md} goes through it. */
@NullMarked
package io.t2v.plugins;

import org.jspecify.annotations.NullMarked;
