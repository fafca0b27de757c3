/** Files that appear complete or not at all, and file system errors in words. */
@NullMarked
package io.t2v.internal.io;

import org.jspecify.annotations.NullMarked;
