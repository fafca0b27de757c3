/** A scheduler written from scratch: {@code docs/writing-a-scheduler.md} goes through it. */
@NullMarked
package io.t2v.examples.plugin;

import org.jspecify.annotations.NullMarked;
