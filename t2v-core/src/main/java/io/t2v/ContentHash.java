package io.t2v;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;

/** SHA-256 of what a run starts from, for its record. */
final class ContentHash {
  private ContentHash() {}

  /** Of all frames, one after the other, as packed RGB. */
  static String of(Video video) {
    Hasher hasher = Hashing.sha256().newHasher();
    for (int i = 0; i < video.frameCount(); i++) {
      hasher.putBytes(video.rgb(i));
    }
    return hasher.hash().toString();
  }

  /** Of the values, as little-endian float32. */
  static String of(NdArray array) {
    Hasher hasher = Hashing.sha256().newHasher();
    for (float value : array.values()) {
      hasher.putFloat(value);
    }
    return hasher.hash().toString();
  }
}
