/** The web UI's key frame expressions: weights of frames as text. */
@NullMarked
package io.t2v.cli.keyframes;

import org.jspecify.annotations.NullMarked;
