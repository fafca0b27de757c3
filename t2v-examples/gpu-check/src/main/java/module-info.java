/** Holds what is promised of GPUs against a GPU. */
module io.t2v.gpucheck {
  requires com.fasterxml.jackson.jr.ob;
  requires info.picocli;
  requires io.t2v.core;
  requires io.t2v.ffmpeg;
  requires io.t2v.minimodel;
  requires org.bytedeco.javacpp;
  requires org.bytedeco.pytorch;
  requires static org.jspecify;

  opens io.t2v.gpucheck to
      info.picocli;
}
