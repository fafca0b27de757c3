/** The text-to-video pipeline, its networks, and the interfaces that plug-ins implement. */
@SuppressWarnings("module") // t2v-ffmpeg is built later
module io.t2v.core {
  requires transitive java.desktop;
  requires transitive org.bytedeco.pytorch;
  requires org.bytedeco.javacpp;
  requires org.bytedeco.openblas;
  requires com.fasterxml.jackson.jr.ob;
  requires com.google.common;
  requires java.management;
  requires java.net.http;
  requires jdk.jfr;
  requires jdk.management;
  requires static org.bytedeco.cuda;
  requires static transitive org.jspecify;

  exports io.t2v;
  exports io.t2v.adapter;
  exports io.t2v.checkpoint;
  exports io.t2v.device;
  exports io.t2v.guidance;
  exports io.t2v.hub;
  exports io.t2v.internal.io to
      io.t2v.ffmpeg;
  exports io.t2v.modelscope;
  exports io.t2v.offload;
  exports io.t2v.scheduler;
  exports io.t2v.text;
  exports io.t2v.unet;
  exports io.t2v.vae;

  uses io.t2v.scheduler.SchedulerProvider;
}
