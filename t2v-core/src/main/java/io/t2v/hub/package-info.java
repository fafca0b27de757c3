/**
 * Models by name: Hugging Face's hub and ModelScope's, and their caches on this machine, which are
 * shared with Python's libraries in either direction.
 */
@NullMarked
package io.t2v.hub;

import org.jspecify.annotations.NullMarked;
