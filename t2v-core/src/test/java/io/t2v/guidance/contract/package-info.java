/**
 * What every guidance has to keep, as a check that its author runs. Published with the classifier
 * {@code tests}.
 */
@NullMarked
package io.t2v.guidance.contract;

import org.jspecify.annotations.NullMarked;
