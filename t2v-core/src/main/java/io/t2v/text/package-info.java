/** The text encoder's interface for plug-ins and its values. */
@NullMarked
package io.t2v.text;

import org.jspecify.annotations.NullMarked;
