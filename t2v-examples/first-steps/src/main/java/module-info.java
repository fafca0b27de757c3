/** The shortest programs. */
module io.t2v.firststeps {
  requires io.t2v.core;
  requires io.t2v.ffmpeg;
  requires io.t2v.minimodel;
  requires static org.jspecify;
}
