/** A service that makes videos: OpenAI-style {@code /v1/videos}, and a page. */
@NullMarked
package io.t2v.service;

import org.jspecify.annotations.NullMarked;
