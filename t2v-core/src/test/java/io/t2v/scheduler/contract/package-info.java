/**
 * What every scheduler has to keep, as a check that its author runs. Published with the classifier
 * {@code tests}.
 */
@NullMarked
package io.t2v.scheduler.contract;

import org.jspecify.annotations.NullMarked;
