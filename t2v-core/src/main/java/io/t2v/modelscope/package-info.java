/** For programs that come from ModelScope's Python package: its call, on this library. */
@NullMarked
package io.t2v.modelscope;

import org.jspecify.annotations.NullMarked;
