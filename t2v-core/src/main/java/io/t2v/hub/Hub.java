package io.t2v.hub;

/** A place where models are published. */
public enum Hub {
  /** Hugging Face's, with the cache of Python's {@code huggingface_hub}. */
  HUGGING_FACE,

  /** ModelScope's, with the cache of Python's {@code modelscope}. */
  MODEL_SCOPE
}
