package io.t2v.internal.torch;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of code whose native objects are freed where it ends.
 *
 * <p>Everything that libtorch hands out while the scope is the innermost open one of its thread
 * belongs to it. What has to live longer is {@linkplain #keep kept}: it moves to the enclosing
 * scope, or, without one, becomes the caller's to close.
 */
public final class TensorScope implements AutoCloseable {
  private final @Nullable PointerScope enclosing;
  private final PointerScope scope;

  private TensorScope() {
    enclosing = PointerScope.getInnerScope();
    scope = new PointerScope();
  }

  /**
   * Opens a scope on this thread.
   *
   * @return the scope, to be closed by the same thread
   */
  public static TensorScope open() {
    return new TensorScope();
  }

  /**
   * Lets an object outlive this scope.
   *
   * @param <P> kind of object
   * @param object made in this scope
   * @return the same object
   */
  public <P extends Pointer> P keep(P object) {
    if (enclosing == null) {
      object.retainReference();
    } else {
      enclosing.attach(object);
    }
    return object;
  }

  @Override
  public void close() {
    scope.close();
  }
}
