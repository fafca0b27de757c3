/** The command line. */
module io.t2v.cli {
  requires com.fasterxml.jackson.jr.ob;
  requires info.picocli;
  requires io.t2v.core;
  requires io.t2v.ffmpeg;
  requires io.t2v.minimodel;
  requires java.desktop;
  requires java.management;
  requires jdk.jfr;
  requires org.bytedeco.javacpp;
  requires static org.jspecify;

  opens io.t2v.cli to
      info.picocli;
}
