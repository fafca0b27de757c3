/**
 * What every plug-in has to keep, as checks that its author runs from tests of his own, with any
 * test framework. Published with the classifier {@code tests}.
 */
@NullMarked
package io.t2v.contract;

import org.jspecify.annotations.NullMarked;
