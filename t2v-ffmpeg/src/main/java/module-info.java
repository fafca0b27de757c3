/** Video files for {@code io.t2v.core}: reading and writing them with FFmpeg. */
module io.t2v.ffmpeg {
  requires transitive io.t2v.core;
  requires com.fasterxml.jackson.jr.ob;
  requires org.bytedeco.ffmpeg;
  requires org.bytedeco.javacpp;
  requires static transitive org.jspecify;

  exports io.t2v.ffmpeg;
}
