/** Runnable programs on the library. */
module io.t2v.examples {
  requires com.fasterxml.jackson.jr.ob;
  requires info.picocli;
  requires io.t2v.core;
  requires io.t2v.ffmpeg;
  requires java.desktop;
  requires java.management;
  requires me.tongfei.progressbar;
  requires org.bytedeco.javacpp;
  requires static org.jspecify;

  opens io.t2v.examples to
      info.picocli;

  provides io.t2v.scheduler.SchedulerProvider with
      io.t2v.examples.plugin.AdamsBashforthProvider;
}
