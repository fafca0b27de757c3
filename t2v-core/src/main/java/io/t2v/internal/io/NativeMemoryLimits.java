package io.t2v.internal.io;

import java.util.Locale;

/**
 * JavaCPP's limits on native memory, a few times the Java heap: much less than a model takes. They
 * are read once, when JavaCPP is first used, so whichever module uses it first lifts them.
 */
public final class NativeMemoryLimits {
  /** System property that keeps settings of the process as they are. */
  public static final String KEEP_PROPERTY = "io.t2v.keepProcessSettings";

  private NativeMemoryLimits() {}

  /** Lifts those that nobody has set, unless settings of the process are to stay. */
  public static void lift() {
    if (Boolean.getBoolean(KEEP_PROPERTY)) {
      return;
    }
    for (String limit : new String[] {"maxBytes", "maxPhysicalBytes"}) {
      String name = "org.bytedeco.javacpp." + limit;
      boolean unset =
          System.getProperty(name) == null
              && System.getProperty(name.toLowerCase(Locale.ROOT)) == null;
      if (unset) {
        System.setProperty(name, "0");
      }
    }
  }
}
