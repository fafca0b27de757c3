/** Where networks compute, and in which numbers: values without behaviour of libtorch. */
@NullMarked
package io.t2v.device;

import org.jspecify.annotations.NullMarked;
