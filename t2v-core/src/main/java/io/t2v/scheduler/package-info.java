/**
 * How noise becomes a sample: the {@link io.t2v.scheduler.Scheduler} interface, the noise schedules
 * and the solvers.
 */
@NullMarked
package io.t2v.scheduler;

import org.jspecify.annotations.NullMarked;
