/** The KL autoencoder. Images are [n, channels, height, width] in channels-last memory format. */
@NullMarked
package io.t2v.internal.autoencoder;

import org.jspecify.annotations.NullMarked;
