/** A text-to-video pipeline for Spring Boot applications. */
@NullMarked
package io.t2v.spring;

import org.jspecify.annotations.NullMarked;
