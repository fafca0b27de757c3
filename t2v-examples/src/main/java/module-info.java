/** Runnable programs on the library. */
module io.t2v.examples {
  requires info.picocli;
  requires io.t2v.core;
  requires io.t2v.ffmpeg;
  requires me.tongfei.progressbar;
  requires static org.jspecify;
}
