package io.t2v.hub;

import java.net.URI;

/**
 * A file on a hub.
 *
 * @param path in the repository, with {@code /} between folders
 * @param address to get it from
 * @param size in bytes
 * @param digest of its content, which is also the name of the content in Hugging Face's cache
 */
record RemoteFile(String path, URI address, long size, ContentDigest digest) {}
