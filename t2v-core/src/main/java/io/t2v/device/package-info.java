/** Where to compute and in which dtype, and the errors of devices and natives. JDK types only. */
@NullMarked
package io.t2v.device;

import org.jspecify.annotations.NullMarked;
