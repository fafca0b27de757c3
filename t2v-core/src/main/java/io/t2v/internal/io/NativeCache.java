package io.t2v.internal.io;

import java.io.File;
import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.jar.JarEntry;
import org.bytedeco.javacpp.Loader;

/**
 * JavaCPP's cache: the folder into which it extracts native libraries at the first start.
 *
 * <p>JavaCPP compares the size and time of an extracted file with its entry in the jar right before
 * it loads the file. That is too late for a library that another one links to: the system's loader
 * opens {@code libtorch_cpu.so} when JavaCPP loads {@code libtorch.so}, and crashes the JVM with
 * SIGBUS if the file is cut short, because the process that extracted it was killed or is not done
 * yet. So the linked libraries are compared and extracted here, before any of them is loaded.
 *
 * <p>A normal start costs a look at each file. JavaCPP's own lock keeps processes apart.
 */
public final class NativeCache {
  /** Extensions of a platform that JavaCPP prefers over the plain one, in its order. */
  private static final List<String> EXTENSIONS = List.of("-gpu", "");

  private NativeCache() {}

  /**
   * Makes the cache complete for some presets. Does nothing where the libraries are not in jars, or
   * where JavaCPP was told to take them from elsewhere.
   *
   * @param loader that has the presets
   * @param presets names of the presets' packages, such as {@code pytorch}
   * @throws IOException if a file is cut short and cannot be replaced; to load it would crash
   */
  public static void complete(ClassLoader loader, String... presets) throws IOException {
    if (!Loader.isLoadLibraries() || isSet("org.bytedeco.javacpp.pathsfirst")) {
      return;
    }
    synchronized (Runtime.getRuntime()) { // JavaCPP's own lock within a JVM, of all class loaders
      for (String preset : presets) {
        complete(loader, preset);
      }
    }
  }

  private static void complete(ClassLoader loader, String preset) throws IOException {
    for (String extension : EXTENSIONS) {
      String folder = "org/bytedeco/" + preset + "/" + Loader.getPlatform() + extension + "/";
      List<URL> found = Collections.list(loader.getResources(folder));
      for (URL url : found) {
        if (url.openConnection() instanceof JarURLConnection jar) {
          complete(loader, jar, folder);
        }
      }
      if (!found.isEmpty()) {
        return;
      }
    }
  }

  private static void complete(ClassLoader loader, JarURLConnection jar, String folder)
      throws IOException {
    Path cached = Loader.getCacheDir().toPath();
    if (!isSet("org.bytedeco.javacpp.cachedir.nosubdir")) {
      cached = cached.resolve(new File(jar.getJarFile().getName()).getName()).resolve(folder);
    }
    Iterator<JarEntry> entries = jar.getJarFile().entries().asIterator();
    while (entries.hasNext()) {
      JarEntry entry = entries.next();
      String name = entry.getName();
      if (name.startsWith(folder) && isLinked(name.substring(folder.length()))) {
        URL resource = loader.getResource(name);
        if (resource != null) {
          complete(resource, cached.resolve(name.substring(folder.length())), entry.getSize());
        }
      }
    }
  }

  /** JavaCPP looks at the size and time, and extracts where they differ. */
  private static void complete(URL resource, Path file, long size) throws IOException {
    try {
      Loader.cacheResource(resource);
    } catch (IOException e) {
      if (Files.exists(file) && Files.size(file) != size) {
        throw new IOException(
            file
                + " has "
                + Files.size(file)
                + " of "
                + size
                + " bytes, left by a process that was killed, and cannot be replaced: "
                + FileErrors.reason(e),
            e);
      }
      // A file that is missing may not be needed: JavaCPP decides.
    }
  }

  /** Glue for JNI is loaded by JavaCPP alone, which compares it itself. */
  private static boolean isLinked(String name) {
    boolean library = name.contains(".so") || name.endsWith(".dylib") || name.endsWith(".dll");
    return library && !name.startsWith("libjni") && !name.startsWith("jni") && !name.contains("/");
  }

  /** As JavaCPP reads its properties: the name alone means true. */
  private static boolean isSet(String property) {
    String value = System.getProperty(property, "false");
    return value.isEmpty() || value.equalsIgnoreCase("true") || value.equalsIgnoreCase("t");
  }
}
