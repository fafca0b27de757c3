/** The shortest programs: one video, several, progress and cancellation. */
@NullMarked
package io.t2v.firststeps;

import org.jspecify.annotations.NullMarked;
