/** Schedulers on problems with a known solution, and pictures of it. */
@NullMarked
package io.t2v.schedulerstudy;

import org.jspecify.annotations.NullMarked;
