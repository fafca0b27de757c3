/** Draws how schedulers converge. */
module io.t2v.schedulerstudy {
  requires info.picocli;
  requires io.t2v.core;
  requires io.t2v.minimodel;
  requires java.desktop;
  requires static org.jspecify;

  opens io.t2v.schedulerstudy to
      info.picocli;
}
