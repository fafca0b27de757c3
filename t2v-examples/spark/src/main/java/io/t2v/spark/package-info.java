/** Videos from a table of prompts, on a Spark cluster. */
@NullMarked
package io.t2v.spark;

import org.jspecify.annotations.NullMarked;
