package io.t2v.internal.files;

import com.google.common.collect.ImmutableMap;

/**
 * The header of a file of tensors, of any format: what is in it, and where. Immutable; nothing is
 * open.
 *
 * @param identity which file, and its state when the header was read
 * @param entries its tensors by name, in the order of the file, checked: none reaches beyond the
 *     file
 * @param metadata what its writer noted; empty in formats that have no place for it
 */
record TensorFile(
    FileIdentity identity,
    ImmutableMap<String, TensorEntry> entries,
    ImmutableMap<String, String> metadata) {}
