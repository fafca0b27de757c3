/** Text to video for applications of langchain4j. */
@NullMarked
package io.t2v.langchain4j;

import org.jspecify.annotations.NullMarked;
