package io.t2v.internal.files;

/**
 * Numbers that lie outside of the pickle.
 *
 * @param key by which the file names them
 * @param type of the numbers
 * @param elements how many there are
 * @param viewOffset the first number that tensors count from
 * @param viewElements how many numbers tensors may use from there
 */
record PickledStorage(
    String key, ElementType type, long elements, long viewOffset, long viewElements) {}
