/** A miniature model for demonstrations and tests: clips of coloured shapes in motion. */
module io.t2v.minimodel {
  requires transitive io.t2v.core;
  requires static org.jspecify;

  exports io.t2v.minimodel;
}
